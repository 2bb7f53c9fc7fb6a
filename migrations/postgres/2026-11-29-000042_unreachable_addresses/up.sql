-- Addresses that mails do not reach, as the mail service says. Nothing of the mails.
CREATE TABLE unreachable_addresses (
    email TEXT PRIMARY KEY NOT NULL,
    -- `shared::outbox::MailRejection`.
    rejection TEXT NOT NULL,
    permanent BOOLEAN NOT NULL,
    -- When the service noticed.
    noticed_at TIMESTAMP NOT NULL
);
