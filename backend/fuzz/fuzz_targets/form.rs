//! Any form to every page of the provider, of somebody who is signed in and of somebody who is not: the first line names the
//! page. It is taken or refused, and nothing panics.
#![no_main]

use datapass::secret;
use datapass_fuzz::SITE;
use libfuzzer_sys::fuzz_target;

const PAGES: &[&str] = &[
    "/connexion",
    "/connexion/code",
    "/oauth/logout",
    "/oauth/token",
    "/oauth/token/introspection",
    "/oauth/token/revocation",
    "/api/oauth/token",
    "/users/account/second-factor",
    "/users/account/second-factor/key",
    "/users/account/second-factor/off",
    "/users/account/second-factor/recovery-codes",
    "/users/change-email",
    "/users/change-password",
    "/users/join-organization",
    "/users/leave-organization",
    "/users/moderations/1",
    "/users/password",
    "/users/personal-information",
    "/users/reset-password",
    "/users/select-organization",
    "/users/send-email-verification",
    "/users/sign-up",
    "/users/verify-email",
];

fuzz_target!(|bytes: &[u8]| {
    let (page, fields) = bytes.iter().position(|byte| *byte == b'\n').map_or((&[][..], bytes), |at| bytes.split_at(at));
    let fields = fields.strip_prefix(b"\n").unwrap_or(fields);
    let known = PAGES.iter().find(|known| known.as_bytes() == page);
    let page = known.unwrap_or_else(|| &PAGES[bytes.len() % PAGES.len()]);
    let form = "A".repeat(43);
    let token = secret::hash(&format!("form {form}"));
    for cookies in [&*SITE.cookies, "datapass_nobody=x"] {
        let body = [fields, format!("&token={token}").as_bytes()].concat();
        let head = format!(
            "Cookie: datapass_form={form}; {cookies}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {}\r\n\r\n",
            body.len()
        );
        SITE.ask("POST", page, &[head.as_bytes(), &body].concat()).is_no_fault();
    }
});
