//! The tables of what is told to others and opened at theirs: outbox, mails, webhooks, API managers.

diesel::table! {
    outbox (id) {
        id -> Text,
        enrollment_id -> Nullable<BigInt>,
        sequence -> BigInt,
        kind -> Text,
        receiver -> Text,
        payload -> Text,
        attempts -> Integer,
        next_attempt_at -> Timestamp,
        last_error -> Text,
        failing_since -> Nullable<Timestamp>,
        given_up_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        delivered_at -> Nullable<Timestamp>,
        held -> Bool,
        topic -> Nullable<Text>,
    }
}

diesel::table! {
    mailbox (id) {
        id -> Text,
        enrollment_id -> Nullable<BigInt>,
        sender -> Text,
        recipient -> Text,
        subject -> Text,
        body -> Text,
        sent_at -> Timestamp,
    }
}

diesel::table! {
    nightly_tasks (name) {
        name -> Text,
        night -> Text,
    }
}

diesel::table! {
    unreachable_addresses (email) {
        email -> Text,
        rejection -> Text,
        permanent -> Bool,
        noticed_at -> Timestamp,
    }
}

diesel::table! {
    webhooks (id) {
        id -> Text,
        target_api -> Text,
        url -> Text,
        events -> Text,
        granting_event -> Text,
        secret -> Text,
        previous_secret -> Nullable<Text>,
        state -> Text,
        disabled_reason -> Text,
        failing_since -> Nullable<Timestamp>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    webhook_attempts (id) {
        id -> Text,
        webhook_id -> Text,
        delivery_id -> Text,
        at -> Timestamp,
        milliseconds -> Integer,
        status -> Nullable<Integer>,
        error -> Text,
        answer -> Text,
    }
}

diesel::table! {
    provisionings (enrollment_id, manager) {
        enrollment_id -> BigInt,
        manager -> Text,
        authorisation_id -> BigInt,
        state -> Text,
        remote -> Text,
        link -> Text,
        opened_at -> Nullable<Timestamp>,
        failing_since -> Nullable<Timestamp>,
        error -> Text,
        drift -> Text,
        checked_at -> Nullable<Timestamp>,
    }
}
