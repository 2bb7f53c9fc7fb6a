DROP TABLE nightly_tasks;
