DROP TABLE saved_filters;
DROP TABLE decisions;
