//! Webmail domains, in which anybody may have an address: it says nothing of whom somebody works for.

/// Webmail services and access providers that are common in France.
const DOMAINS: &[&str] = &[
    "gmail.com",
    "googlemail.com",
    "outlook.com",
    "outlook.fr",
    "hotmail.com",
    "hotmail.fr",
    "live.com",
    "live.fr",
    "msn.com",
    "yahoo.com",
    "yahoo.fr",
    "ymail.com",
    "icloud.com",
    "me.com",
    "mac.com",
    "aol.com",
    "aol.fr",
    "gmx.com",
    "gmx.fr",
    "mail.com",
    "proton.me",
    "protonmail.com",
    "pm.me",
    "tutanota.com",
    "zoho.com",
    "orange.fr",
    "wanadoo.fr",
    "free.fr",
    "sfr.fr",
    "neuf.fr",
    "cegetel.net",
    "club-internet.fr",
    "laposte.net",
    "bbox.fr",
    "numericable.fr",
    "noos.fr",
    "aliceadsl.fr",
    "voila.fr",
    "yopmail.com",
    "yopmail.fr",
    "mailinator.com",
    "ik.me",
    "netcourrier.com",
];

/// What stands after the « @ ».
pub fn domain_of(email: &str) -> &str {
    email.rsplit_once('@').map_or("", |(_, domain)| domain)
}

/// Whether anybody may have an address there.
pub fn is_webmail(domain: &str) -> bool {
    DOMAINS.contains(&domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_webmail_is_known_by_its_domain() {
        assert!(is_webmail(domain_of("camille@gmail.com")));
        assert!(!is_webmail(domain_of("gmail.com@mairie.example")));
    }
}
