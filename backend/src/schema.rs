//! The tables, in the types that both engines speak. Kept by hand beside `migrations/`; a test of each model on both
//! engines holds them together.

mod delivery;
mod identity;
mod people;

pub use self::delivery::{
    mailbox, nightly_tasks, outbox, provisionings, unreachable_addresses, webhook_attempts, webhooks,
};
pub use self::identity::{
    access_tokens, account_organizations, accounts, authorization_codes, challenges, clients, join_requests,
    owed_codes, password_resets, provider_sessions, recovery_codes, refresh_tokens, second_factors, signing_keys,
};
pub use self::people::{
    account_changes, api_clients, invited_roles, mail_preferences, rate_counts, role_changes, role_requests,
    saved_filters, server_secrets, sessions, user_organizations, user_roles, users,
};

diesel::table! {
    policy_revisions (revision) {
        revision -> Text,
        target_api -> Text,
        content -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    policy_changes (id) {
        id -> BigInt,
        target_api -> Nullable<Text>,
        text -> Nullable<Text>,
        reason -> Text,
        actor_id -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    enrollments (id) {
        id -> BigInt,
        target_api -> Text,
        policy_revision -> Text,
        status -> Text,
        version -> BigInt,
        siret -> Nullable<Text>,
        nom_raison_sociale -> Text,
        intitule -> Text,
        responsable_traitement -> Text,
        demandeur_id -> BigInt,
        demandeur_email -> Text,
        previous_enrollment_id -> Nullable<BigInt>,
        copied_from_id -> Nullable<BigInt>,
        reopening -> Bool,
        resubmitted -> Bool,
        offered -> Bool,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        submitted_at -> Nullable<Timestamp>,
        validated_at -> Nullable<Timestamp>,
        intitule_sort -> Text,
        waited -> BigInt,
        waiting_from -> Nullable<Timestamp>,
        assigned_to -> Nullable<BigInt>,
        search -> Text,
        content -> Text,
        demarche -> Text,
        unanswered_points -> BigInt,
        zip_code -> Text,
        city -> Text,
        unread -> Bool,
    }
}

diesel::table! {
    search_words (word) {
        word -> Text,
        reversed -> Text,
        length -> Integer,
    }
}

diesel::table! {
    authorisations (id) {
        id -> BigInt,
        enrollment_id -> BigInt,
        target_api -> Text,
        policy_revision -> Text,
        state -> Text,
        siret -> Text,
        nom_raison_sociale -> Text,
        intitule -> Text,
        responsable_traitement -> Text,
        created_by -> BigInt,
        created_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
        public_search -> Text,
        version -> Text,
        token_id -> Text,
        provider -> Text,
        organization_kind -> Text,
        masked -> Bool,
        changed_at -> Timestamp,
    }
}

diesel::table! {
    enrollment_scopes (enrollment_id, scope) {
        enrollment_id -> BigInt,
        scope -> Text,
    }
}

diesel::table! {
    enrollment_readers (enrollment_id, email) {
        enrollment_id -> BigInt,
        email -> Text,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    documents (id) {
        id -> BigInt,
        enrollment_id -> BigInt,
        kind -> Text,
        filename -> Text,
        size -> BigInt,
        sha256 -> Text,
        created_at -> Timestamp,
        replaced_at -> Nullable<Timestamp>,
        scan -> Nullable<Text>,
    }
}

diesel::table! {
    decision_templates (id) {
        id -> BigInt,
        target_api -> Text,
        decision -> Text,
        name -> Text,
        body -> Text,
        is_default -> Bool,
    }
}

diesel::table! {
    events (id) {
        id -> BigInt,
        enrollment_id -> BigInt,
        name -> Text,
        comment -> Text,
        changes -> Text,
        snapshot -> Nullable<Text>,
        user_id -> Nullable<BigInt>,
        administrator_id -> Nullable<BigInt>,
        created_at -> Timestamp,
        without_changes -> Bool,
    }
}

diesel::table! {
    change_points (id) {
        id -> BigInt,
        enrollment_id -> BigInt,
        event_id -> BigInt,
        field -> Text,
        scope -> Nullable<Text>,
        comment -> Text,
        answer -> Text,
        answered_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    messages (id) {
        id -> BigInt,
        enrollment_id -> BigInt,
        user_id -> BigInt,
        audience -> Text,
        body -> Text,
        created_at -> Timestamp,
        read_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    opinions (id) {
        id -> BigInt,
        enrollment_id -> BigInt,
        recipient -> Text,
        due_on -> Date,
        asked_by -> BigInt,
        created_at -> Timestamp,
        reminded_at -> Nullable<Timestamp>,
        verdict -> Nullable<Text>,
        answered_by -> Nullable<BigInt>,
        answered_at -> Nullable<Timestamp>,
        answer -> Text,
        question -> Text,
    }
}

diesel::table! {
    establishments (siret) {
        siret -> Text,
        content -> Nullable<Text>,
        fetched_at -> Timestamp,
    }
}

diesel::table! {
    audit_entries (id) {
        id -> BigInt,
        at -> Timestamp,
        actor_id -> Nullable<BigInt>,
        administrator_id -> Nullable<BigInt>,
        action -> Text,
        object -> Text,
        object_id -> Text,
        request_id -> Text,
        outcome -> Text,
        sequence -> Nullable<BigInt>,
        hash -> Nullable<Text>,
        times -> BigInt,
    }
}

diesel::table! {
    organization_domains (siret, domain, is_external) {
        siret -> Text,
        domain -> Text,
        is_external -> Bool,
    }
}

diesel::table! {
    decisions (id) {
        id -> BigInt,
        enrollment_id -> BigInt,
        target_api -> Text,
        decided_at -> Timestamp,
        waited -> BigInt,
    }
}

diesel::table! {
    statistics (month, measure, label, target_api) {
        month -> Text,
        measure -> Text,
        label -> Text,
        target_api -> Text,
        value -> BigInt,
    }
}

diesel::table! {
    transfers (id) {
        id -> BigInt,
        enrollment_id -> BigInt,
        kind -> Text,
        from_id -> BigInt,
        to_email -> Text,
        to_id -> Nullable<BigInt>,
        reason -> Text,
        created_at -> Timestamp,
        outcome -> Nullable<Text>,
        decided_by -> Nullable<BigInt>,
        decided_at -> Nullable<Timestamp>,
        answer -> Text,
    }
}

diesel::joinable!(provisionings -> authorisations (authorisation_id));
diesel::joinable!(enrollments -> policy_revisions (policy_revision));
diesel::joinable!(enrollments -> users (demandeur_id));
diesel::joinable!(policy_changes -> users (actor_id));
diesel::joinable!(enrollment_scopes -> enrollments (enrollment_id));
diesel::joinable!(enrollment_readers -> enrollments (enrollment_id));
diesel::joinable!(authorisations -> enrollments (enrollment_id));
diesel::joinable!(documents -> enrollments (enrollment_id));
diesel::joinable!(events -> enrollments (enrollment_id));
diesel::joinable!(events -> users (user_id));
diesel::joinable!(change_points -> events (event_id));
diesel::joinable!(messages -> enrollments (enrollment_id));
diesel::joinable!(messages -> users (user_id));
diesel::joinable!(opinions -> enrollments (enrollment_id));
diesel::joinable!(outbox -> enrollments (enrollment_id));

diesel::allow_tables_to_appear_in_same_query!(
    users,
    user_organizations,
    user_roles,
    sessions,
    api_clients,
    server_secrets,
    policy_revisions,
    policy_changes,
    enrollments,
    enrollment_scopes,
    enrollment_readers,
    authorisations,
    documents,
    events,
    messages,
    opinions,
    invited_roles,
    role_changes,
    role_requests,
    establishments,
    decisions,
    decision_templates,
    saved_filters,
    search_words,
    statistics,
    transfers,
    audit_entries,
    account_changes,
    outbox,
    mailbox,
    unreachable_addresses,
    nightly_tasks,
    accounts,
    account_organizations,
    organization_domains,
    join_requests,
    provider_sessions,
    authorization_codes,
    access_tokens,
    refresh_tokens,
    clients,
    challenges,
    password_resets,
    signing_keys,
    second_factors,
    recovery_codes,
    owed_codes,
    webhooks,
    webhook_attempts,
    provisionings,
);
