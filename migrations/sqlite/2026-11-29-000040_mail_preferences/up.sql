-- Which mails people do without. A row is made when somebody is first sent such a mail, with the link that ends them.
CREATE TABLE mail_preferences (
    -- An address, not an account: mails also go to people who have not signed in yet.
    email TEXT NOT NULL,
    target_api TEXT NOT NULL,
    -- `shared::mail::MailKind`.
    kind TEXT NOT NULL,
    -- The secret of the link, sealed, since each mail repeats it; and its hash, by which it is found.
    token TEXT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    -- Since when they do without; NULL: they get these mails.
    refused_at TIMESTAMP,
    PRIMARY KEY (email, target_api, kind)
);
