-- Counters of the public figures, kept with each decision. The key is in the order in which the figures are read: of some
-- months, by measure, over the APIs. What is counted is said in `shared/src/stats.rs`; the rows are worked out when the server
-- starts for the first time with this table.
CREATE TABLE statistics (
    -- « YYYY-MM » in Paris; empty for what waits now.
    month TEXT NOT NULL,
    measure TEXT NOT NULL,
    label TEXT NOT NULL,
    target_api TEXT NOT NULL,
    -- Never 0: such a row goes.
    value BIGINT NOT NULL,
    PRIMARY KEY (month, measure, label, target_api)
) WITHOUT ROWID;
