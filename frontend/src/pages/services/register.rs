//! Registers an OpenID client.

use leptos::prelude::*;
use shared::client::{AuthMethod, ClientWithSecret, NewClient, Userinfo};

use super::labels;
use crate::api::administration;
use crate::components::choice::{Checkbox, Choice, RadioGroup};
use crate::components::field::{TextArea, TextInput};
use crate::shell::submitting::{RefusalAlert, SubmitButton};
use crate::submission::{InputErrors, Submission};

const NAME: &str = "service-name";
const REDIRECT_URIS: &str = "service-redirect_uris";
const POST_LOGOUT: &str = "service-post_logout_redirect_uris";

/// What is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Input {
    name: String,
    redirect_uris: String,
    post_logout_redirect_uris: String,
    scopes: Vec<String>,
    auth_method: AuthMethod,
    userinfo: Userinfo,
}

impl Default for Input {
    fn default() -> Self {
        Self {
            name: String::new(),
            redirect_uris: String::new(),
            post_logout_redirect_uris: String::new(),
            scopes: ["email", "profile", "organizations"].map(str::to_owned).to_vec(),
            auth_method: AuthMethod::Basic,
            userinfo: Userinfo::Plain,
        }
    }
}

impl Input {
    /// What can be seen to be wrong here. The server has more to say.
    fn errors(&self) -> InputErrors {
        let incomplete = |text: &str| {
            let is_complete = |address: &String| address.starts_with("https://") || address.starts_with("http://");
            let address = lines(text).into_iter().find(|address| !is_complete(address))?;
            Some(format!("«\u{a0}{address}\u{a0}» n’est pas une adresse complète\u{a0}: elle commence par https://."))
        };
        let name = self.name.trim().is_empty().then(|| "Nommez le service.".to_owned());
        let redirect_uris = if lines(&self.redirect_uris).is_empty() {
            Some("Indiquez au moins une adresse de retour.".to_owned())
        } else {
            incomplete(&self.redirect_uris)
        };
        let post_logout = incomplete(&self.post_logout_redirect_uris);
        [("/name", name), ("/redirect_uris", redirect_uris), ("/post_logout_redirect_uris", post_logout)]
            .into_iter()
            .filter_map(|(pointer, error)| Some((pointer, error?)))
            .collect()
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

fn on_change(input: RwSignal<Input>, change: fn(&mut Input, String)) -> Callback<String> {
    Callback::new(move |text| input.update(|input| change(input, text)))
}

#[component]
pub fn RegisterClientForm(
    /// Called once it is registered, with its secret.
    on_secret: Callback<ClientWithSecret>,
) -> impl IntoView {
    let input = RwSignal::new(Input::default());
    let inputs = [("/name", NAME), ("/redirect_uris", REDIRECT_URIS), ("/post_logout_redirect_uris", POST_LOGOUT)];
    let submission = Submission::new("raccorder", &inputs, move || input.with(Input::errors));
    let send = move || {
        if submission.is_ready() {
            submission.send(administration::register_client(input.with_untracked(Input::client)), move |made| {
                input.set(Input::default());
                on_secret.run(made);
            });
        }
    };
    let methods =
        AuthMethod::ALL.iter().map(|method| Choice::new(method.as_str(), labels::auth_method(*method))).collect();
    let answers = Userinfo::ALL.iter().map(|kind| Choice::new(kind.as_str(), labels::userinfo(*kind))).collect();
    view! {
        <form
            class="dp-panel fr-mt-4w"
            novalidate=true
            aria-labelledby="raccorder"
            on:submit=move |event| {
                event.prevent_default();
                send();
            }
        >
            <h2 class="fr-h5" id="raccorder">
                "Raccorder un service"
            </h2>
            <RefusalAlert submission title="Le service n’a pas été raccordé" />
            <NameAndAddresses input submission />
            <Scopes input />
            <RadioGroup
                id="service-auth"
                legend="Où le service montre-t-il son secret\u{a0}?"
                choices=methods
                value=Signal::derive(move || input.with(|input| input.auth_method.to_string()))
                on_change=on_change(input, |input, name| input.auth_method = name.parse().unwrap_or(input.auth_method))
            />
            <RadioGroup
                id="service-userinfo"
                legend="Comment reçoit-il les informations de la personne\u{a0}?"
                choices=answers
                value=Signal::derive(move || input.with(|input| input.userinfo.to_string()))
                on_change=on_change(input, |input, name| input.userinfo = name.parse().unwrap_or(input.userinfo))
            />
            <SubmitButton submission label="Raccorder ce service" class="fr-btn fr-mt-2w" />
        </form>
    }
}

#[component]
fn NameAndAddresses(input: RwSignal<Input>, submission: Submission) -> impl IntoView {
    view! {
        <TextInput
            id=NAME
            label="Nom du service"
            required=true
            autocomplete="off"
            value=Signal::derive(move || input.with(|input| input.name.clone()))
            error=submission.error_at("/name")
            on_input=on_change(input, |input, text| input.name = text)
        />
        <TextArea
            id=REDIRECT_URIS
            label="Adresses de retour après la connexion"
            hint="Une par ligne, comparées lettre à lettre. Exemple\u{a0}: https://gestion.exemple.fr/retour"
            required=true
            rows=3
            value=Signal::derive(move || input.with(|input| input.redirect_uris.clone()))
            error=submission.error_at("/redirect_uris")
            on_input=on_change(input, |input, text| input.redirect_uris = text)
        />
        <TextArea
            id=POST_LOGOUT
            label="Adresses de retour après la déconnexion"
            hint="Une par ligne. Facultatif."
            rows=2
            value=Signal::derive(move || input.with(|input| input.post_logout_redirect_uris.clone()))
            error=submission.error_at("/post_logout_redirect_uris")
            on_input=on_change(input, |input, text| input.post_logout_redirect_uris = text)
        />
    }
}

/// What the client may know of people.
#[component]
fn Scopes(input: RwSignal<Input>) -> impl IntoView {
    let boxes = labels::SCOPES
        .iter()
        .map(|(scope, label)| {
            let scope = *scope;
            let checked = Signal::derive(move || input.with(|input| input.scopes.iter().any(|own| own == scope)));
            let on_change = Callback::new(move |is_ticked: bool| {
                input.update(|input| {
                    input.scopes.retain(|own| own != scope);
                    if is_ticked {
                        input.scopes.push(scope.to_owned());
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
    view! {
        <fieldset class="fr-fieldset" aria-labelledby="service-scopes">
            <legend class="fr-fieldset__legend fr-fieldset__legend--regular" id="service-scopes">
                "Ce que le service peut apprendre de la personne"
            </legend>
            {boxes}
        </fieldset>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_or_incomplete_is_found_before_it_is_sent() {
        let mut input = Input::default();
        let pointers = |input: &Input| input.errors().into_iter().map(|(pointer, _)| pointer).collect::<Vec<_>>();
        assert_eq!(pointers(&input), ["/name", "/redirect_uris"]);
        input.name = " Gestion ".to_owned();
        assert_eq!(pointers(&input), ["/redirect_uris"]);
        input.redirect_uris = "\n https://a.exemple/retour \ngestion.exemple".to_owned();
        assert!(input.errors()[0].1.contains("gestion.exemple"));
        input.redirect_uris = "https://a.exemple/retour\n\nhttp://localhost/".to_owned();
        input.post_logout_redirect_uris = "ftp://a".to_owned();
        assert_eq!(pointers(&input), ["/post_logout_redirect_uris"]);
        input.post_logout_redirect_uris.clear();
        assert_eq!(input.errors(), []);
        let client = input.client();
        assert_eq!((client.name.as_str(), client.redirect_uris.len()), ("Gestion", 2));
        assert_eq!(client.scopes, ["openid", "email", "profile", "organizations"]);
    }
}
