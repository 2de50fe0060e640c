DROP TABLE IF EXISTS sink_intents;
