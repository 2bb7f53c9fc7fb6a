-- The version before cannot read them.
DELETE FROM outbox WHERE kind = 'provisioning';
DROP TABLE provisionings;
