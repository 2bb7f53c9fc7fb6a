//! What people and programs read of a policy: texts, links, mailboxes, mails.

use minijinja::Value;
use shared::validation::formats::{is_email, is_web_address};

use super::super::source::did_you_mean;
use super::Check;
use crate::{notification, templates};

impl Check<'_> {
    pub(super) fn texts(&mut self) {
        let policy = self.policy;
        let mut empty = |path: String, text: &str| {
            if text.trim().is_empty() {
                self.report(path, "ce texte est vide");
            }
        };
        empty("label".to_owned(), &policy.label);
        empty("description".to_owned(), &policy.description);
        empty("provider/id".to_owned(), &policy.provider.id);
        empty("provider/label".to_owned(), &policy.provider.label);
        for (index, scope) in policy.scopes.iter().enumerate() {
            empty(format!("scopes/{index}/id"), &scope.id);
            empty(format!("scopes/{index}/label"), &scope.label);
            if !scope.help.is_empty() {
                empty(format!("scopes/{index}/help"), &scope.help);
            }
        }
        for (index, group) in policy.scope_groups.iter().enumerate() {
            empty(format!("scope_groups/{index}/label"), &group.label);
        }
        for (index, demarche) in policy.demarches.iter().enumerate() {
            empty(format!("demarches/{index}/id"), &demarche.id);
            empty(format!("demarches/{index}/label"), &demarche.label);
            if !demarche.legal_basis_hint.is_empty() {
                empty(format!("demarches/{index}/legal_basis_hint"), &demarche.legal_basis_hint);
            }
        }
        for (index, contact) in policy.contacts.iter().enumerate() {
            empty(format!("contacts/{index}/label"), &contact.label);
        }
        for (index, question) in policy.extra_fields.iter().enumerate() {
            empty(format!("extra_fields/{index}/id"), &question.id);
            empty(format!("extra_fields/{index}/label"), &question.label);
            for (place, option) in question.options.iter().enumerate() {
                empty(format!("extra_fields/{index}/options/{place}/label"), &option.label);
            }
        }
        for (index, constraint) in policy.constraints.iter().enumerate() {
            empty(format!("constraints/{index}/message"), &constraint.message);
        }
        for (name, text) in &policy.warnings {
            empty(format!("warnings/{name}"), text);
        }
        if let Some(naf) = &policy.naf {
            empty("naf/message".to_owned(), &naf.message);
        }
    }

    pub(super) fn links(&mut self) {
        let policy = self.policy;
        let mut links: Vec<(String, &str)> = Vec::new();
        for (path, url) in [
            ("cgu_url", &policy.cgu_url),
            ("documentation_url", &policy.documentation_url),
            ("next_step_url", &policy.next_step_url),
            ("start_url", &policy.start_url),
        ] {
            links.extend(url.iter().map(|url| (path.to_owned(), url.as_str())));
        }
        for (index, scope) in policy.scopes.iter().enumerate() {
            links.extend(scope.link.iter().map(|url| (format!("scopes/{index}/link"), url.as_str())));
        }
        for (index, demarche) in policy.demarches.iter().enumerate() {
            links.extend(demarche.about_url.iter().map(|url| (format!("demarches/{index}/about_url"), url.as_str())));
        }
        for (path, url) in links {
            if !is_web_address(url) {
                self.report(path, format!("«\u{a0}{url}\u{a0}» n’est pas une adresse complète (https://…)"));
            }
        }
    }

    pub(super) fn mailboxes(&mut self) {
        let policy = self.policy;
        let mut addresses = vec![("support_email".to_owned(), policy.support_email.as_str())];
        let sender = policy.mail_from.as_deref().map(address_in);
        addresses.extend(sender.map(|address| ("mail_from".to_owned(), address)));
        addresses.extend(policy.reply_to.iter().map(|address| ("reply_to".to_owned(), address.as_str())));
        let notices = policy.notices.iter().enumerate();
        addresses.extend(notices.map(|(index, notice)| (format!("notices/{index}/to"), notice.to.as_str())));
        for (path, address) in addresses {
            if !is_email(address) {
                self.report(path, format!("«\u{a0}{address}\u{a0}» n’est pas une adresse électronique"));
            }
        }
    }

    pub(super) fn mails(&mut self) {
        let policy = self.policy;
        let mut texts: Vec<(String, &str)> = Vec::new();
        for (event, mail) in &policy.mails {
            if !notification::has_mail(*event) {
                self.report(format!("mails/{event}"), format!("aucun mail ne part pour «\u{a0}{event}\u{a0}»"));
            }
            texts.extend(mail.subject.iter().map(|text| (format!("mails/{event}/subject"), text.as_str())));
            texts.extend(mail.body.iter().map(|text| (format!("mails/{event}/body"), text.as_str())));
        }
        for (index, notice) in policy.notices.iter().enumerate() {
            texts.push((format!("notices/{index}/subject"), &notice.subject));
            texts.push((format!("notices/{index}/body"), &notice.body));
        }
        let sample: Value = notification::VALUES.iter().map(|name| (*name, "x")).collect();
        for (path, text) in texts {
            if text.trim().is_empty() {
                self.report(&path, "ce texte est vide");
            }
            match templates::parse(text) {
                Err(error) => self.report(&path, format!("ce texte ne peut pas être rempli\u{a0}: {error}")),
                Ok(template) => {
                    // A filter is looked for when the text is filled in.
                    if let Err(error) = template.render(&sample) {
                        self.report(&path, format!("ce texte ne peut pas être rempli\u{a0}: {error}"));
                    }
                    for name in template.undeclared_variables(false) {
                        if !notification::VALUES.contains(&name.as_str()) {
                            let hint = did_you_mean(&name, notification::VALUES.iter().copied());
                            self.report(&path, format!("la valeur «\u{a0}{name}\u{a0}» n’existe pas{hint}"));
                        } else if name == "next_step_url" && policy.next_step_url.is_none() {
                            self.report(&path, "ce texte cite next_step_url, que la politique ne donne pas");
                        }
                    }
                }
            }
        }
    }
}

/// The address in « Name <address> », or the whole text.
fn address_in(sender: &str) -> &str {
    sender.split_once('<').and_then(|(_, rest)| rest.strip_suffix('>')).unwrap_or(sender)
}
