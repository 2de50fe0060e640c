DROP VIEW IF EXISTS arrivals_events_mv;
DROP VIEW IF EXISTS event_deliveries_mv;
DROP TABLE IF EXISTS event_deliveries;
DROP TABLE IF EXISTS events;
