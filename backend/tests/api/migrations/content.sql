-- What the demonstration has none of. Words that both engines speak.
UPDATE enrollments SET status = 'deleted' WHERE id = (SELECT MIN(id) FROM enrollments WHERE status = 'draft');
UPDATE enrollments SET unanswered_points = 2, unread = TRUE WHERE id = (SELECT MAX(id) FROM enrollments);
UPDATE events SET without_changes = TRUE WHERE id = (SELECT MAX(id) FROM events);
UPDATE authorisations SET token_id = 'jeton-1', masked = TRUE WHERE id = (SELECT MAX(id) FROM authorisations);
UPDATE sessions SET second_factor = TRUE, id_token = 'ab';
INSERT INTO documents (enrollment_id, kind, filename, size, sha256, created_at, replaced_at)
SELECT MAX(id), 'LegalBasis', 'un.pdf', 3, 'a1', '2026-11-01 10:00:00', NULL FROM enrollments;
INSERT INTO documents (enrollment_id, kind, filename, size, sha256, created_at, replaced_at)
SELECT MAX(id), 'LegalBasis', 'deux.pdf', 4, 'a2', '2026-11-02 10:00:00', NULL FROM enrollments;
INSERT INTO messages (enrollment_id, user_id, audience, body, created_at, read_at)
SELECT MAX(enrollments.id), MIN(users.id), 'instructors', 'Bonjour', '2026-11-02 10:00:00', NULL FROM enrollments, users;
INSERT INTO transfers (enrollment_id, kind, from_id, to_email, to_id, reason, created_at, outcome, decided_by, decided_at, answer)
SELECT MAX(enrollments.id), 'offer', MIN(users.id), 'a@exemple.fr', NULL, '', '2026-11-02 10:00:00', NULL, NULL, NULL, ''
FROM enrollments, users;
INSERT INTO saved_filters (user_id, name, query, is_default) SELECT MIN(id), 'Mes demandes', 'status=draft', FALSE FROM users;
INSERT INTO invited_roles (email, role) VALUES ('b@exemple.fr', 'administrator');
INSERT INTO role_changes (email, role, granted, reason, actor_id, created_at)
SELECT 'b@exemple.fr', 'administrator', TRUE, 'Arrivée', MIN(id), '2026-11-02 10:00:00' FROM users;
INSERT INTO role_requests (user_id, role, role_name, reason, manager_email, created_at, state, answered_by, answered_at, answer)
SELECT MIN(id), 'franceconnect:instructor', 'franceconnect:instructor', 'Relève', '', '2026-11-02 10:00:00', 'waiting', NULL, NULL, ''
FROM users;
INSERT INTO account_changes (user_id, action, reason, administrator_id, created_at)
SELECT MIN(id), 'ban', 'Essai', MAX(id), '2026-11-02 10:00:00' FROM users;
INSERT INTO audit_entries (at, actor_id, administrator_id, action, object, object_id, request_id, outcome, sequence, hash, times)
VALUES ('2026-11-02 10:00:00', 1, NULL, 'session.failed', 'user', '1', '', 'denied', NULL, NULL, 3);
INSERT INTO organization_domains (siret, domain, is_external) VALUES ('21920023500014', 'exemple.fr', FALSE);
INSERT INTO join_requests (account_id, siret, label, is_external, created_at, decided_at, is_accepted, reason, decided_by)
SELECT MIN(id), '13002526500013', 'Direction', FALSE, '2026-11-02 10:00:00', NULL, FALSE, '', NULL FROM accounts;
INSERT INTO challenges (id_hash, email, account_id, password_hash, given_name, family_name, next, code_hash, tries, expires_at)
VALUES ('c', 'c@exemple.fr', NULL, 'h', 'C', 'C', '/', 'h', 0, '2036-11-02 10:00:00');
INSERT INTO password_resets (token_hash, account_id, expires_at) VALUES ('r', NULL, '2036-11-02 10:00:00');
INSERT INTO provider_sessions (id_hash, account_id, authenticated_at, second_factor, expires_at, siret)
SELECT 's', MIN(id), '2026-11-02 10:00:00', TRUE, '2036-11-02 10:00:00', NULL FROM accounts;
INSERT INTO second_factors (account_id, secret, last_step, set_up_in, created_at)
SELECT MIN(id), 'JBSWY3DPEHPK3PXP', 0, NULL, '2026-11-02 10:00:00' FROM accounts;
INSERT INTO recovery_codes (code_hash, account_id) SELECT 'h', MIN(id) FROM accounts;
INSERT INTO owed_codes (id_hash, account_id, expires_at) SELECT 'o', MIN(id), '2036-11-02 10:00:00' FROM accounts;
INSERT INTO clients (id, name, secret_hash, previous_secret_hash, redirect_uris, post_logout_redirect_uris, scopes, auth_method,
    userinfo, created_at)
VALUES ('gestionnaire', 'Gestionnaire', 'h', NULL, '[]', '[]', '[]', 'client_secret_basic', 'plain', '2026-11-02 10:00:00');
INSERT INTO authorization_codes (code_hash, client_id, account_id, redirect_uri, scope, siret, nonce, code_challenge,
    authenticated_at, second_factor, expires_at, consumed_at)
SELECT 'a', 'gestionnaire', MIN(id), 'https://exemple.fr', 'openid', NULL, '', 'x', '2026-11-02 10:00:00', FALSE,
    '2036-11-02 10:00:00', NULL FROM accounts;
INSERT INTO access_tokens (token_hash, code_hash, client_id, account_id, scope, siret, expires_at, revoked_at)
SELECT 't', 'a', 'gestionnaire', MIN(id), 'openid', NULL, '2036-11-02 10:00:00', NULL FROM accounts;
INSERT INTO refresh_tokens (token_hash, code_hash, client_id, account_id, scope, siret, authenticated_at, second_factor,
    expires_at, used_at, revoked_at)
SELECT 'f', 'a', 'gestionnaire', MIN(id), 'openid', NULL, '2026-11-02 10:00:00', FALSE, '2036-11-02 10:00:00', NULL, NULL
FROM accounts;
INSERT INTO rate_counts (key_hash, window_start, calls, ends_at) VALUES ('k', 1, 2, 3);
INSERT INTO api_clients (id, user_id, name, secret_hash, previous_secret_hash, scopes, created_at, last_used_at, revoked_at,
    second_factor, expires_at, previous_expires_at)
SELECT 'outil', MIN(id), 'Outil', 'h', 'g', '[]', '2026-11-02 10:00:00', NULL, NULL, TRUE, '2036-11-02 10:00:00',
    '2035-11-02 10:00:00' FROM users;
INSERT INTO mail_preferences (email, target_api, kind, token, token_hash, refused_at)
VALUES ('d@exemple.fr', 'franceconnect', 'submissions', 'j', 'jh', '2026-11-02 10:00:00');
INSERT INTO unreachable_addresses (email, rejection, permanent, noticed_at)
VALUES ('e@exemple.fr', 'inconnue', TRUE, '2026-11-02 10:00:00');
INSERT INTO webhooks (id, target_api, url, events, granting_event, secret, previous_secret, state, disabled_reason, failing_since,
    created_at)
VALUES ('w', 'franceconnect', 'https://exemple.fr/', '[]', 'approve', 's', NULL, 'active', '', NULL, '2026-11-02 10:00:00');
INSERT INTO webhook_attempts (id, webhook_id, delivery_id, at, milliseconds, status, error, answer)
VALUES ('wa', 'w', 'o2', '2026-11-02 10:00:00', 12, 500, '', '');
INSERT INTO provisionings (enrollment_id, manager, authorisation_id, state, remote, link, opened_at, failing_since, error, drift,
    checked_at)
SELECT enrollment_id, 'token_manager', id, 'open', '{}', '', '2026-11-02 10:00:00', NULL, '', '', NULL FROM authorisations
WHERE id = (SELECT MAX(id) FROM authorisations);
INSERT INTO nightly_tasks (name, night) VALUES ('essai', '2026-11-30');
INSERT INTO policy_changes (target_api, text, reason, actor_id, created_at)
SELECT 'franceconnect', NULL, 'Essai.', MIN(id), '2026-11-02 10:00:00' FROM users;
-- A mail that fails, and what waits for a webhook and for an API manager.
INSERT INTO outbox (id, enrollment_id, sequence, kind, receiver, payload, attempts, next_attempt_at, last_error, failing_since,
    given_up_at, created_at, delivered_at, held)
SELECT 'o1', MAX(id), 1, 'mail', 'f@exemple.fr', '{"kind":"mail","from":"a","reply_to":"","to":"f@exemple.fr","subject":"S","body":"B"}',
    70, '2036-11-02 10:00:00', 'boîte pleine', '2026-11-03 10:00:00', '2026-11-04 10:00:00', '2026-11-02 10:00:00', NULL, FALSE
FROM enrollments;
INSERT INTO outbox (id, enrollment_id, sequence, kind, receiver, payload, attempts, next_attempt_at, last_error, failing_since,
    given_up_at, created_at, delivered_at, held)
SELECT 'o2', MAX(id), 2, 'webhook', 'w', '{"kind":"webhook","webhook_id":"w","event":"submit","body":{}}', 1, '2036-11-02 10:00:00',
    '', NULL, NULL, '2026-11-02 10:00:00', NULL, TRUE FROM enrollments;
INSERT INTO outbox (id, enrollment_id, sequence, kind, receiver, payload, attempts, next_attempt_at, last_error, failing_since,
    given_up_at, created_at, delivered_at, held)
SELECT 'o3', MAX(id), 3, 'provisioning', 'token_manager', '{"kind":"provisioning","manager":"token_manager"}', 0,
    '2036-11-02 10:00:00', '', NULL, NULL, '2026-11-02 10:00:00', NULL, FALSE FROM enrollments;
UPDATE documents SET scan = 'clean';
UPDATE sessions SET authenticated_at = '2026-11-02 09:00:00';
UPDATE outbox SET topic = 'message';
INSERT INTO decision_templates (target_api, decision, name, body, is_default)
VALUES ('franceconnect', 'refuse', 'Hors périmètre', 'Bonjour {{ organisation }}.', TRUE);
