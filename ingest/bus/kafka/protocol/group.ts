import type { Api } from './api.ts'

/** Who speaks: the generation and member that a lease belongs to. */
export interface GroupMember {
  readonly groupId: string
  readonly generation: number
  readonly memberId: string
  readonly instanceId: string | null
}

interface Coordinator {
  readonly error: number
  readonly message: string
  readonly nodeId: number
  readonly host: string
  readonly port: number
}

export const findCoordinatorApi: Api<string, Coordinator> = {
  name: 'FindCoordinator',
  key: 10,
  version: 2,
  flexible: false,
  write: (writer, groupId) => void writer.string(groupId).int8(0),
  read: reader => {
    reader.int32()
    const error = reader.int16()
    return { error, message: reader.string(), nodeId: reader.int32(), host: reader.string(), port: reader.int32() }
  },
}

interface JoinGroupParams {
  readonly groupId: string
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  readonly memberId: string
  readonly instanceId: string | null
  readonly protocol: string
  readonly subscription: Uint8Array
}

interface JoinedGroup {
  readonly error: number
  readonly generation: number
  readonly leader: string
  readonly memberId: string
  /** Told to the leader only. */
  readonly members: readonly { readonly memberId: string; readonly subscription: Buffer }[]
}

export const joinGroupApi: Api<JoinGroupParams, JoinedGroup> = {
  name: 'JoinGroup',
  key: 11,
  version: 5,
  flexible: false,
  write: (writer, params) => {
    writer.string(params.groupId).int32(params.sessionTimeoutMs).int32(params.rebalanceTimeoutMs)
    writer.string(params.memberId).nullableString(params.instanceId).string('consumer')
    writer.int32(1).string(params.protocol).bytes(params.subscription)
  },
  read: reader => {
    reader.int32()
    const error = reader.int16()
    const generation = reader.int32()
    reader.string()
    const leader = reader.string()
    const memberId = reader.string()
    const members = reader.array(item => {
      const id = item.string()
      item.nullableString()
      return { memberId: id, subscription: item.bytes() }
    })
    return { error, generation, leader, memberId, members }
  },
}

export interface MemberAssignment {
  readonly memberId: string
  readonly assignment: Uint8Array
}

export const syncGroupApi: Api<
  GroupMember & { readonly assignments: readonly MemberAssignment[] },
  { readonly error: number; readonly assignment: Buffer }
> = {
  name: 'SyncGroup',
  key: 14,
  version: 3,
  flexible: false,
  write: (writer, { groupId, generation, memberId, instanceId, assignments }) => {
    writer.string(groupId).int32(generation).string(memberId).nullableString(instanceId)
    writer.array(assignments, (item, { memberId: id, assignment }) => item.string(id).bytes(assignment))
  },
  read: reader => {
    reader.int32()
    return { error: reader.int16(), assignment: reader.bytes() }
  },
}

export const heartbeatApi: Api<GroupMember, number> = {
  name: 'Heartbeat',
  key: 12,
  version: 3,
  flexible: false,
  write: (writer, { groupId, generation, memberId, instanceId }) =>
    void writer.string(groupId).int32(generation).string(memberId).nullableString(instanceId),
  read: reader => {
    reader.int32()
    return reader.int16()
  },
}

export const leaveGroupApi: Api<{ readonly groupId: string; readonly memberId: string }, number> = {
  name: 'LeaveGroup',
  key: 13,
  version: 1,
  flexible: false,
  write: (writer, { groupId, memberId }) => void writer.string(groupId).string(memberId),
  read: reader => {
    reader.int32()
    return reader.int16()
  },
}
