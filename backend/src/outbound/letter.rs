//! A mail as it is handed to a mail service, whichever it is.

use shared::api::Mail;

/// What a mail service is given.
#[derive(Clone, Copy, Debug)]
pub struct Letter<'a> {
    /// The same however often it is sent.
    pub id: &'a str,
    /// From whom.
    pub from: Party<'a>,
    /// Where answers go, where `from` will not do.
    pub reply_to: Option<Party<'a>>,
    /// Where one click ends such mails; empty where nobody can do without them.
    pub unsubscribe: &'a str,
    /// To whom, subject and text.
    pub mail: &'a Mail,
    /// The same text as HTML.
    pub html: &'a str,
}

impl Letter<'_> {
    /// The headers that no member of its own stands for.
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        // Nobody's absence is to be announced to us (RFC 3834).
        let mut headers = vec![("Auto-Submitted", "auto-generated".to_owned())];
        if !self.unsubscribe.is_empty() {
            headers.push(("List-Unsubscribe", format!("<{}>", self.unsubscribe)));
            headers.push(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
        }
        headers
    }
}

/// An address, with the name that goes with it; often none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Party<'a> {
    pub name: &'a str,
    pub address: &'a str,
}

impl<'a> Party<'a> {
    /// « Name <address> », or an address alone.
    pub fn of(text: &'a str) -> Self {
        match text.split_once('<') {
            Some((name, address)) => Self { name: name.trim(), address: address.trim_end_matches('>').trim() },
            None => Self { name: "", address: text.trim() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_stand_before_an_address() {
        let named = Party { name: "DataPass", address: "a@exemple.fr" };
        assert_eq!(Party::of("DataPass <a@exemple.fr>"), named);
        assert_eq!(Party::of(" a@exemple.fr "), Party { name: "", ..named });
    }
}
