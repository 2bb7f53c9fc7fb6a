//! The tables of the embedded provider.

diesel::table! {
    accounts (id) {
        id -> BigInt,
        sub -> Text,
        email -> Text,
        email_verified -> Bool,
        password_hash -> Text,
        given_name -> Text,
        family_name -> Text,
        phone_number -> Text,
        job -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    account_organizations (account_id, siret) {
        account_id -> BigInt,
        siret -> Text,
        label -> Text,
        is_external -> Bool,
        source -> Text,
        is_verified -> Bool,
    }
}

diesel::table! {
    join_requests (id) {
        id -> BigInt,
        account_id -> BigInt,
        siret -> Text,
        label -> Text,
        is_external -> Bool,
        created_at -> Timestamp,
        decided_at -> Nullable<Timestamp>,
        is_accepted -> Bool,
        reason -> Text,
        decided_by -> Nullable<BigInt>,
    }
}

diesel::table! {
    provider_sessions (id_hash) {
        id_hash -> Text,
        account_id -> BigInt,
        authenticated_at -> Timestamp,
        second_factor -> Bool,
        expires_at -> Timestamp,
        siret -> Nullable<Text>,
    }
}

diesel::table! {
    authorization_codes (code_hash) {
        code_hash -> Text,
        client_id -> Text,
        account_id -> BigInt,
        redirect_uri -> Text,
        scope -> Text,
        siret -> Nullable<Text>,
        nonce -> Text,
        code_challenge -> Text,
        authenticated_at -> Timestamp,
        second_factor -> Bool,
        expires_at -> Timestamp,
        consumed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    access_tokens (token_hash) {
        token_hash -> Text,
        code_hash -> Text,
        client_id -> Text,
        account_id -> BigInt,
        scope -> Text,
        siret -> Nullable<Text>,
        expires_at -> Timestamp,
        revoked_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    clients (id) {
        id -> Text,
        name -> Text,
        secret_hash -> Text,
        previous_secret_hash -> Nullable<Text>,
        redirect_uris -> Text,
        post_logout_redirect_uris -> Text,
        scopes -> Text,
        auth_method -> Text,
        userinfo -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    refresh_tokens (token_hash) {
        token_hash -> Text,
        code_hash -> Text,
        client_id -> Text,
        account_id -> BigInt,
        scope -> Text,
        siret -> Nullable<Text>,
        authenticated_at -> Timestamp,
        second_factor -> Bool,
        expires_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
        revoked_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    challenges (id_hash) {
        id_hash -> Text,
        email -> Text,
        account_id -> Nullable<BigInt>,
        password_hash -> Text,
        given_name -> Text,
        family_name -> Text,
        next -> Text,
        code_hash -> Text,
        tries -> Integer,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    password_resets (token_hash) {
        token_hash -> Text,
        account_id -> Nullable<BigInt>,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    signing_keys (kid) {
        kid -> Text,
        private_pem -> Text,
        created_at -> Timestamp,
        signs_from -> Timestamp,
    }
}

diesel::table! {
    second_factors (account_id) {
        account_id -> BigInt,
        secret -> Text,
        last_step -> BigInt,
        set_up_in -> Nullable<Text>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    recovery_codes (code_hash) {
        code_hash -> Text,
        account_id -> BigInt,
    }
}

diesel::table! {
    owed_codes (id_hash) {
        id_hash -> Text,
        account_id -> BigInt,
        expires_at -> Timestamp,
    }
}

diesel::joinable!(account_organizations -> accounts (account_id));
diesel::joinable!(join_requests -> accounts (account_id));
diesel::joinable!(provider_sessions -> accounts (account_id));
diesel::joinable!(authorization_codes -> accounts (account_id));
diesel::joinable!(access_tokens -> accounts (account_id));
diesel::joinable!(refresh_tokens -> accounts (account_id));
diesel::joinable!(second_factors -> accounts (account_id));
