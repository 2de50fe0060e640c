DROP TABLE source_progress;
