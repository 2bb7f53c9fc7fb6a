-- What the directory of organisations said of each establishment (JSON of `shared::organization::Establishment`), and
-- when. Without content: that it is unknown.
CREATE TABLE establishments (
    siret TEXT PRIMARY KEY NOT NULL,
    content TEXT,
    fetched_at TIMESTAMP NOT NULL
);
CREATE INDEX establishments_by_age ON establishments (fetched_at);
