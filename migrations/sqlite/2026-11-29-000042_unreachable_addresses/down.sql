DROP TABLE unreachable_addresses;
