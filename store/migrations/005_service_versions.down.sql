DROP TABLE IF EXISTS service_versions;
