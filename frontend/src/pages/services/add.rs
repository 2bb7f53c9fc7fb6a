//! The form that lets a service in.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::client::{AuthMethod, ClientWithSecret, NewClient, Userinfo};

use super::words;
use crate::api::administration;
use crate::browser;
use crate::components::alert::{Alert, Tone};
use crate::components::choice::{Checkbox, Choice, RadioGroup};
use crate::components::field::{TextArea, TextInput};

/// Ids of the fields; after `service-`, the names that the server gives in its errors.
const NAME: &str = "service-name";
const REDIRECT_URIS: &str = "service-redirect_uris";
const POST_LOGOUT: &str = "service-post_logout_redirect_uris";

/// What is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Typed {
    name: String,
    redirect_uris: String,
    post_logout_redirect_uris: String,
    scopes: Vec<String>,
    auth_method: AuthMethod,
    userinfo: Userinfo,
}

impl Typed {
    fn new() -> Self {
        Self {
            name: String::new(),
            redirect_uris: String::new(),
            post_logout_redirect_uris: String::new(),
            scopes: ["email", "profile", "organizations"].map(str::to_owned).to_vec(),
            auth_method: AuthMethod::Basic,
            userinfo: Userinfo::Plain,
        }
    }

    /// What must be corrected first, with its field. The server has more to say.
    fn problem(&self) -> Option<(&'static str, String)> {
        if self.name.trim().is_empty() {
            return Some((NAME, "Nommez le service.".to_owned()));
        }
        let addresses = lines(&self.redirect_uris);
        if addresses.is_empty() {
            return Some((REDIRECT_URIS, "Indiquez au moins une adresse de retour.".to_owned()));
        }
        let incomplete = |address: &String| !address.starts_with("https://") && !address.starts_with("http://");
        let text = |address| {
            format!("«\u{a0}{address}\u{a0}» n’est pas une adresse complète\u{a0}: elle commence par https://.")
        };
        let own = addresses.into_iter().find(incomplete).map(|address| (REDIRECT_URIS, text(address)));
        own.or_else(|| {
            let address = lines(&self.post_logout_redirect_uris).into_iter().find(incomplete)?;
            Some((POST_LOGOUT, text(address)))
        })
    }

    fn client(&self) -> NewClient {
        NewClient {
            id: None,
            name: self.name.trim().to_owned(),
            redirect_uris: lines(&self.redirect_uris),
            post_logout_redirect_uris: lines(&self.post_logout_redirect_uris),
            scopes: [vec!["openid".to_owned()], self.scopes.clone()].concat(),
            auth_method: self.auth_method,
            userinfo: self.userinfo,
        }
    }
}

/// One address per line.
fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// The field that an error of the server names, if the form has it.
fn located(message: &str) -> Option<(&'static str, String)> {
    let (member, text) = message.split_once("\u{a0}: ")?;
    let id = [NAME, REDIRECT_URIS, POST_LOGOUT].into_iter().find(|id| id.strip_prefix("service-") == Some(member))?;
    let mut chars = text.chars();
    let text = chars.next().map_or_else(String::new, |first| format!("{}{}", first.to_uppercase(), chars.as_str()));
    Some((id, text))
}

/// The form.
#[component]
pub fn Add(
    /// Called once it is done, with the secret.
    on_secret: Callback<ClientWithSecret>,
) -> impl IntoView {
    let typed = RwSignal::new(Typed::new());
    let problem = RwSignal::new(None::<(&'static str, String)>);
    let trouble = RwSignal::new(None::<String>);
    let is_sending = RwSignal::new(false);
    let refuse = move |found: (&'static str, String)| {
        browser::focus_soon(found.0.to_owned());
        problem.set(Some(found));
    };
    let send = move || {
        problem.set(None);
        trouble.set(None);
        if let Some(found) = typed.with_untracked(Typed::problem) {
            refuse(found);
            return;
        }
        is_sending.set(true);
        spawn_local(async move {
            let answer = administration::add_client(typed.with_untracked(Typed::client)).await;
            if is_sending.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(made) => {
                    typed.set(Typed::new());
                    on_secret.run(made);
                }
                Err(error) => match located(&error.message()) {
                    Some(found) => refuse(found),
                    None => trouble.set(Some(error.message())),
                },
            }
        });
    };
    let error_of = move |id: &'static str| {
        Signal::derive(move || problem.get().filter(|(field, _)| *field == id).map(|(_, text)| text))
    };
    let set =
        move |change: fn(&mut Typed, String)| Callback::new(move |text| typed.update(|typed| change(typed, text)));
    let boxes = words::SCOPES
        .iter()
        .map(|(scope, label)| {
            let scope = *scope;
            let checked = Signal::derive(move || typed.with(|typed| typed.scopes.iter().any(|own| own == scope)));
            let on_change = Callback::new(move |is_ticked: bool| {
                typed.update(|typed| {
                    typed.scopes.retain(|own| own != scope);
                    if is_ticked {
                        typed.scopes.push(scope.to_owned());
                    }
                });
            });
            view! {
                <div class="fr-fieldset__element">
                    <Checkbox id=format!("service-{scope}") label=ViewFn::from(move || *label) hint=scope.to_owned() checked on_change />
                </div>
            }
        })
        .collect_view();
    let methods =
        AuthMethod::ALL.iter().map(|method| Choice::new(method.as_str(), words::auth_method(*method))).collect();
    let answers = Userinfo::ALL.iter().map(|kind| Choice::new(kind.as_str(), words::userinfo(*kind))).collect();
    view! {
        <form
            class="dp-panel fr-mt-4w"
            novalidate=true
            aria-labelledby="raccorder"
            on:submit=move |event| {
                event.prevent_default();
                if !is_sending.get_untracked() {
                    send();
                }
            }
        >
            <h2 class="fr-h5" id="raccorder">
                "Raccorder un service"
            </h2>
            {move || {
                trouble
                    .get()
                    .map(|trouble| {
                        view! {
                            <Alert tone=Tone::Error title="Le service n’a pas été raccordé" live=true>
                                <p>{trouble}</p>
                            </Alert>
                        }
                    })
            }}
            <TextInput
                id=NAME
                label="Nom du service"
                required=true
                autocomplete="off"
                value=Signal::derive(move || typed.with(|typed| typed.name.clone()))
                error=error_of(NAME)
                on_input=set(|typed, text| typed.name = text)
            />
            <TextArea
                id=REDIRECT_URIS
                label="Adresses de retour après la connexion"
                hint="Une par ligne, comparées lettre à lettre. Exemple\u{a0}: https://gestion.exemple.fr/retour"
                required=true
                rows=3
                value=Signal::derive(move || typed.with(|typed| typed.redirect_uris.clone()))
                error=error_of(REDIRECT_URIS)
                on_input=set(|typed, text| typed.redirect_uris = text)
            />
            <TextArea
                id=POST_LOGOUT
                label="Adresses de retour après la déconnexion"
                hint="Une par ligne. Facultatif."
                rows=2
                value=Signal::derive(move || typed.with(|typed| typed.post_logout_redirect_uris.clone()))
                error=error_of(POST_LOGOUT)
                on_input=set(|typed, text| typed.post_logout_redirect_uris = text)
            />
            <fieldset class="fr-fieldset" aria-labelledby="service-scopes">
                <legend class="fr-fieldset__legend fr-fieldset__legend--regular" id="service-scopes">
                    "Ce que le service peut apprendre de la personne"
                </legend>
                {boxes}
            </fieldset>
            <RadioGroup
                id="service-auth"
                legend="Où le service montre-t-il son secret\u{a0}?"
                choices=methods
                value=Signal::derive(move || typed.with(|typed| typed.auth_method.to_string()))
                on_change=set(|typed, name| typed.auth_method = name.parse().unwrap_or(typed.auth_method))
            />
            <RadioGroup
                id="service-userinfo"
                legend="Comment reçoit-il les informations de la personne\u{a0}?"
                choices=answers
                value=Signal::derive(move || typed.with(|typed| typed.userinfo.to_string()))
                on_change=set(|typed, name| typed.userinfo = name.parse().unwrap_or(typed.userinfo))
            />
            <button type="submit" class="fr-btn fr-mt-2w" aria-disabled=move || is_sending.get().then_some("true")>
                "Raccorder ce service"
            </button>
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_or_incomplete_is_found_before_it_is_sent() {
        let mut typed = Typed::new();
        assert_eq!(typed.problem().unwrap().0, NAME);
        typed.name = " Gestion ".to_owned();
        assert_eq!(typed.problem().unwrap().0, REDIRECT_URIS);
        typed.redirect_uris = "\n https://a.exemple/retour \ngestion.exemple".to_owned();
        assert!(typed.problem().unwrap().1.contains("gestion.exemple"));
        typed.redirect_uris = "https://a.exemple/retour\n\nhttp://localhost/".to_owned();
        typed.post_logout_redirect_uris = "ftp://a".to_owned();
        assert_eq!(typed.problem().unwrap().0, POST_LOGOUT);
        typed.post_logout_redirect_uris.clear();
        assert_eq!(typed.problem(), None);
        let client = typed.client();
        assert_eq!((client.name.as_str(), client.redirect_uris.len()), ("Gestion", 2));
        assert_eq!(client.scopes, ["openid", "email", "profile", "organizations"]);
    }

    #[test]
    fn an_error_of_the_server_goes_to_its_field() {
        let found = located("redirect_uris\u{a0}: «\u{a0}http://a\u{a0}» doit commencer par https://.");
        assert_eq!(found, Some((REDIRECT_URIS, "«\u{a0}http://a\u{a0}» doit commencer par https://.".to_owned())));
        assert_eq!(located("name\u{a0}: nommez le service.").unwrap().1, "Nommez le service.");
        assert_eq!(located("La connexion est interrompue."), None);
    }
}
