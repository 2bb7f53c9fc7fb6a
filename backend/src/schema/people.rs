//! The tables of users: who they are, their roles, how they are signed in, what was done with them.

diesel::table! {
    users (id) {
        id -> BigInt,
        issuer -> Text,
        sub -> Text,
        email -> Text,
        email_verified -> Bool,
        given_name -> Text,
        family_name -> Text,
        phone_number -> Text,
        job -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        absent_until -> Nullable<Date>,
        banned_at -> Nullable<Timestamp>,
        ban_reason -> Nullable<Text>,
    }
}

diesel::table! {
    user_organizations (user_id, siret) {
        user_id -> BigInt,
        siret -> Text,
        label -> Text,
        source -> Text,
        is_verified -> Bool,
    }
}

diesel::table! {
    user_roles (user_id, role) {
        user_id -> BigInt,
        role -> Text,
    }
}

diesel::table! {
    sessions (id_hash) {
        id_hash -> Text,
        public_id -> Text,
        user_id -> BigInt,
        id_token -> Binary,
        device -> Text,
        created_at -> Timestamp,
        last_seen_at -> Timestamp,
        expires_at -> Timestamp,
        must_renew -> Bool,
        is_replaced -> Bool,
        acting_for -> Nullable<BigInt>,
        acting_until -> Nullable<Timestamp>,
        second_factor -> Bool,
        authenticated_at -> Timestamp,
    }
}

diesel::table! {
    api_clients (id) {
        id -> Text,
        user_id -> BigInt,
        name -> Text,
        secret_hash -> Text,
        previous_secret_hash -> Nullable<Text>,
        scopes -> Text,
        created_at -> Timestamp,
        last_used_at -> Nullable<Timestamp>,
        revoked_at -> Nullable<Timestamp>,
        second_factor -> Bool,
        expires_at -> Timestamp,
        previous_expires_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    server_secrets (name) {
        name -> Text,
        secret -> Text,
    }
}

diesel::table! {
    invited_roles (email, role) {
        email -> Text,
        role -> Text,
    }
}

diesel::table! {
    role_changes (id) {
        id -> BigInt,
        email -> Text,
        role -> Text,
        granted -> Bool,
        reason -> Text,
        actor_id -> Nullable<BigInt>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    role_requests (id) {
        id -> BigInt,
        user_id -> BigInt,
        role -> Text,
        role_name -> Text,
        reason -> Text,
        manager_email -> Text,
        created_at -> Timestamp,
        state -> Text,
        answered_by -> Nullable<BigInt>,
        answered_at -> Nullable<Timestamp>,
        answer -> Text,
    }
}

diesel::table! {
    account_changes (id) {
        id -> BigInt,
        user_id -> BigInt,
        action -> Text,
        reason -> Text,
        administrator_id -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    saved_filters (id) {
        id -> BigInt,
        user_id -> BigInt,
        name -> Text,
        query -> Text,
        is_default -> Bool,
    }
}

diesel::table! {
    mail_preferences (email, target_api, kind) {
        email -> Text,
        target_api -> Text,
        kind -> Text,
        token -> Text,
        token_hash -> Text,
        refused_at -> Nullable<Timestamp>,
    }
}

diesel::joinable!(user_organizations -> users (user_id));
diesel::joinable!(user_roles -> users (user_id));
diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(api_clients -> users (user_id));
diesel::joinable!(role_changes -> users (actor_id));
diesel::joinable!(role_requests -> users (user_id));
diesel::joinable!(account_changes -> users (administrator_id));

diesel::table! {
    rate_counts (key_hash, window_start) {
        key_hash -> Text,
        window_start -> BigInt,
        calls -> BigInt,
        ends_at -> BigInt,
    }
}
