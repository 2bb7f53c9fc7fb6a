-- What instructors of an API keep of the messages that go with its decisions; `body` has variables.
CREATE TABLE decision_templates (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    target_api TEXT NOT NULL,
    decision TEXT NOT NULL,
    name TEXT NOT NULL,
    body TEXT NOT NULL,
    is_default BOOLEAN NOT NULL,
    UNIQUE (target_api, decision, name)
);
