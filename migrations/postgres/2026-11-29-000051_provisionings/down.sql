DROP TABLE provisionings;
