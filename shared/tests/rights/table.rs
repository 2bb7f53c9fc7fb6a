//! Who may do what: written by hand from v1's permission matrix and from what its screens promised, not from the code.
//! The rules are held against it cell by cell, and so is the API.

/// Relation, and what it lets one do in: draft, submitted, `changes_requested`, validated, refused, revoked, archived.
pub const TABLE: &[(&str, [&str; 7])] = &[
    (
        "applicant",
        [
            "show update submit archive notify",
            "show withdraw notify",
            "show update submit archive notify",
            "show reopen copy notify",
            "show copy notify",
            "show notify",
            "",
        ],
    ),
    (
        "applicant who left the organisation",
        ["show notify", "show notify", "show notify", "show notify", "show notify", "show notify", ""],
    ),
    ("member", ["show", "show", "show", "show", "show", "show", ""]),
    ("member by an address that is not verified", ["", "", "", "", "", "", ""]),
    (
        "api_particulier:instructor",
        [
            "show archive notify annotate assign",
            "show request_changes validate offer_partial_grant refuse archive notify annotate ask_opinion assign",
            "show archive notify annotate assign",
            "show revoke notify annotate assign",
            "show archive notify annotate assign",
            "show archive notify annotate assign",
            "",
        ],
    ),
    (
        "api_particulier:reporter",
        [
            "show annotate give_opinion",
            "show annotate give_opinion",
            "show annotate give_opinion",
            "show annotate give_opinion",
            "show annotate give_opinion",
            "show annotate give_opinion",
            "",
        ],
    ),
    (
        "api_particulier:cnaf:reporter",
        [
            "show annotate give_opinion",
            "show annotate give_opinion",
            "show annotate give_opinion",
            "show annotate give_opinion",
            "show annotate give_opinion",
            "show annotate give_opinion",
            "",
        ],
    ),
    ("api_particulier:men:reporter", ["", "", "", "", "", "", ""]),
    ("api_particulier:subscriber", ["", "", "", "", "", "", ""]),
    ("franceconnect:instructor", ["", "", "", "", "", "", ""]),
    (
        "administrator",
        [
            "show archive correct_contacts",
            "show archive correct_contacts",
            "show archive correct_contacts",
            "show revoke correct_contacts",
            "show archive correct_contacts",
            "show archive correct_contacts",
            "show",
        ],
    ),
];
