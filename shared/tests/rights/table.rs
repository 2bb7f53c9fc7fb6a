//! Who may do what: written by hand from v1's permission matrix and from what its screens promised, not from the code.
//! The rules are held against it cell by cell, and so is the API.

/// Relation, and what it lets one do in: draft, submitted, `changes_requested`, validated, refused, revoked, archived, deleted.
pub const TABLE: &[(&str, [&str; 8])] = &[
    (
        "applicant",
        [
            "show read_messages update submit archive delete notify transfer decide_transfer",
            "show read_messages withdraw notify transfer decide_transfer",
            "show read_messages update submit archive notify transfer decide_transfer",
            "show read_messages reopen copy notify transfer decide_transfer",
            "show read_messages copy notify",
            "show read_messages notify",
            "",
            "show restore",
        ],
    ),
    (
        "applicant who left the organisation",
        [
            "show read_messages notify transfer decide_transfer",
            "show read_messages notify transfer decide_transfer",
            "show read_messages notify transfer decide_transfer",
            "show read_messages notify transfer decide_transfer",
            "show read_messages notify",
            "show read_messages notify",
            "",
            "show",
        ],
    ),
    ("member", ["show", "show", "show", "show", "show", "show", "", ""]),
    ("member by an address that is not verified", ["", "", "", "", "", "", "", ""]),
    ("colleague", ["ask_transfer", "ask_transfer", "ask_transfer", "ask_transfer", "", "", "", ""]),
    ("colleague whose membership is not verified", ["", "", "", "", "", "", "", ""]),
    (
        "api_particulier:instructor",
        [
            "show read_messages archive notify annotate assign decide_transfer",
            "show read_messages request_changes validate offer_partial_grant refuse archive notify annotate ask_opinion assign decide_transfer",
            "show read_messages archive notify annotate assign decide_transfer",
            "show read_messages revoke notify annotate assign decide_transfer",
            "show read_messages archive notify annotate assign",
            "show read_messages archive notify annotate assign",
            "show read_messages",
            "",
        ],
    ),
    (
        "api_particulier:reporter",
        [
            "show read_messages annotate give_opinion",
            "show read_messages annotate give_opinion",
            "show read_messages annotate give_opinion",
            "show read_messages annotate give_opinion",
            "show read_messages annotate give_opinion",
            "show read_messages annotate give_opinion",
            "",
            "",
        ],
    ),
    (
        "api_particulier:cnaf:reporter",
        [
            "show read_messages annotate give_opinion",
            "show read_messages annotate give_opinion",
            "show read_messages annotate give_opinion",
            "show read_messages annotate give_opinion",
            "show read_messages annotate give_opinion",
            "show read_messages annotate give_opinion",
            "",
            "",
        ],
    ),
    ("api_particulier:men:reporter", ["", "", "", "", "", "", "", ""]),
    ("api_particulier:subscriber", ["", "", "", "", "", "", "", ""]),
    ("franceconnect:instructor", ["", "", "", "", "", "", "", ""]),
    ("api_particulier:manager", ["", "", "", "", "", "", "", ""]),
    (
        "administrator",
        [
            "show read_messages archive correct_contacts transfer decide_transfer",
            "show read_messages archive correct_contacts transfer decide_transfer",
            "show read_messages archive correct_contacts transfer decide_transfer",
            "show read_messages revoke correct_contacts transfer decide_transfer",
            "show read_messages archive correct_contacts",
            "show read_messages archive correct_contacts",
            "show read_messages correct_contacts",
            "",
        ],
    ),
];
