//! Any text as each cookie, as the secret of a link, as the browser's name, and as what was sealed: it opens nothing, and
//! nothing panics.
#![no_main]

use datapass::auth::device;
use datapass::connection::page::Cursor;
use datapass::secret;
use datapass::seal::Seal;
use datapass_fuzz::{EMAIL, SITE, in_address, in_header};
use libfuzzer_sys::fuzz_target;

/// The cookies that let somebody in, or say who tries.
const OPENING: &[&str] =
    &["datapass_session", "datapass_provider", "datapass_browser", "datapass_challenge", "datapass_owed_code", "datapass_sign_in", "datapass_sign_out"];

fuzz_target!(|text: &str| {
    let seal = Seal::new(Some("0123456789abcdef0123456789abcdef"));
    assert!(seal.open(&format!("sealed:v1:{text}"), "here").is_err());
    if let Ok(cursor) = Cursor::decode(text) {
        assert_eq!(Cursor::decode(&cursor.encode()).ok(), Some(cursor));
    }
    assert!(device::summary(text).len() < 200);

    let value = in_header(text);
    let cookies: Vec<String> = OPENING.iter().map(|name| format!("{name}={value}")).collect();
    let head = format!("Cookie: {}\r\nUser-Agent: {value}\r\n\r\n", cookies.join("; "));
    let session = SITE.ask("GET", "/api/session", head.as_bytes());
    session.is_no_fault();
    assert!(session.status != 200 || session.body.contains("\"user\":null"), "somebody is signed in: {}", session.body);
    let link = in_address(&text.replace(['/', '?', '%'], "_"));
    for address in ["/users/account", "/connexion/code", "/users/verify-email", &*format!("/api/unsubscribe/{link}")] {
        let answer = SITE.ask("GET", address, head.as_bytes());
        answer.is_no_fault();
        assert!(answer.status != 200 || address != "/users/account", "the account of somebody: {}", answer.body);
    }
    SITE.ask("GET", &format!("/api/sign_in/callback?code=x&state={link}"), head.as_bytes()).is_no_fault();

    // The cookie of a browser that is known is read with the password.
    let form = "A".repeat(43);
    let token = secret::hash(&format!("form {form}"));
    let body = format!("email={}&password=x&request=&token={token}", EMAIL.replace('@', "%40"));
    let head = format!(
        "Cookie: datapass_form={form}; datapass_browser={value}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    SITE.ask("POST", "/connexion", head.as_bytes()).is_no_fault();
});
