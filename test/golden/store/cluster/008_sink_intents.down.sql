DROP TABLE IF EXISTS sink_intents ON CLUSTER `all` SYNC;

DROP TABLE IF EXISTS sink_intents_local ON CLUSTER `all` SYNC;
