/**
 * The wire form of CloudEvents between the sink and the engine: the sink makes it of each message of the topic, which holds CloudEvents in
 * JSON. Everything is text but the time (nanoseconds since the epoch) and the data as it came; attributes are extensions by their names
 * and what is in the data by its path, `data.customer.id`.
 */
export const eventSchema = `syntax = "proto3";
message EventAttribute { string key = 1; string value = 2; }
message CloudEvent {
  string id = 1;
  string source = 2;
  string type = 3;
  string spec_version = 4;
  string subject = 5;
  string data_content_type = 6;
  string data_schema = 7;
  fixed64 time_unix_nano = 8;
  bytes data = 9;
  repeated EventAttribute attributes = 10;
}
message EventBatch { repeated CloudEvent events = 1; }
`
