import { z } from 'zod'

/** A CloudEvent in JSON, for the description of the API; what is sent is checked where it is taken in. */
export const cloudEvent = z
  .looseObject({
    specversion: z.literal('1.0'),
    id: z.string().min(1).meta({ description: 'With source it names the event: sent again it counts once' }),
    source: z.string().min(1).meta({ format: 'uri-reference' }),
    type: z.string().min(1),
    subject: z.string().min(1).nullish(),
    time: z.string().nullish().meta({ format: 'date-time', description: 'When it happened; without it, when it came' }),
    datacontenttype: z.string().nullish(),
    dataschema: z.string().nullish().meta({ format: 'uri' }),
    data: z.unknown().optional(),
    data_base64: z.string().optional(),
  })
  .meta({ id: 'CloudEvent', description: 'CloudEvents 1.0; other members are extensions' })

export const eventsAccepted = z.object({
  accepted: z.int().meta({ description: 'Different events of the request, all of them durable' }),
})
