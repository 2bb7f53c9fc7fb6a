//! Publishing the text that was checked, and withdrawing what was published: each asks why, and may have to ask who is there.

use leptos::prelude::*;
use shared::policy_file::{NewPolicyChange, PolicySource};

use super::desk::Desk;
use crate::api::account::sign_in_again_url;
use crate::api::policy_files;
use crate::browser;
use crate::components::field::TextArea;
use crate::shell::submitting::{FormDialog, missing_reason};
use crate::submission::Submission;

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Publish,
    Withdraw,
}

impl Act {
    /// The name of its dialog.
    const fn name(self) -> &'static str {
        match self {
            Self::Publish => "publier-la-politique",
            Self::Withdraw => "retirer-la-politique",
        }
    }

    const fn reason_id(self) -> &'static str {
        match self {
            Self::Publish => "publier-raison",
            Self::Withdraw => "retirer-raison",
        }
    }
}

/// One dialog: whether it is open, what is written in it, its sending.
#[derive(Clone, Copy)]
struct Asking {
    act: Act,
    open: RwSignal<bool>,
    reason: RwSignal<String>,
    submission: Submission,
}

impl Asking {
    fn new(act: Act) -> Self {
        let reason = RwSignal::new(String::new());
        let check = move || missing_reason(reason);
        let submission = Submission::new(act.name(), &[("/reason", act.reason_id())], check);
        Self { act, open: RwSignal::new(false), reason, submission }
    }

    fn ask(self, reason: String) {
        self.reason.set(reason);
        self.submission.clear();
        self.open.set(true);
    }
}

/// Both dialogs. A handle: copies share one state.
#[derive(Clone, Copy)]
pub struct Publishing {
    desk: Desk,
    publish: Asking,
    withdraw: Asking,
}

impl Publishing {
    /// Goes on with what was begun before one showed who one is.
    pub fn new(desk: Desk) -> Self {
        let publishing = Self { desk, publish: Asking::new(Act::Publish), withdraw: Asking::new(Act::Withdraw) };
        if let Some(reason) = browser::take_back(&begun_key(Act::Publish, desk)) {
            desk.check(move || {
                if desk
                    .checked
                    .with_untracked(|checked| checked.as_ref().is_some_and(|(_, trial)| trial.policy.is_some()))
                {
                    publishing.publish.ask(reason);
                }
            });
        } else if let Some(reason) = browser::take_back(&begun_key(Act::Withdraw, desk)) {
            publishing.withdraw.ask(reason);
        }
        publishing
    }

    /// The button that asks to publish what was checked.
    pub fn publish_button(self) -> AnyView {
        let is_outdated = Memo::new(move |_| {
            self.desk
                .text
                .with(|text| self.desk.checked.with(|checked| checked.as_ref().is_none_or(|(own, _)| own != text)))
        });
        view! {
            <button
                type="button"
                class="fr-btn"
                aria-haspopup="dialog"
                disabled=move || is_outdated.get()
                on:click=move |_| self.publish.ask(String::new())
            >
                "Publier"
            </button>
        }
        .into_any()
    }

    /// The button that asks to withdraw what was published.
    pub fn withdraw_button(self) -> AnyView {
        let has_file = self.desk.file.with_value(|file| file.beneath.is_some());
        let label = if has_file { "Revenir au fichier du serveur" } else { "Retirer cette API" };
        view! {
            <button
                type="button"
                class="fr-btn fr-btn--secondary fr-btn--sm"
                aria-haspopup="dialog"
                on:click=move |_| self.withdraw.ask(String::new())
            >
                {label}
            </button>
        }
        .into_any()
    }

    fn send(self, asking: Asking) {
        let desk = self.desk;
        if !asking.submission.is_ready() {
            return;
        }
        let (text, latest) = match asking.act {
            Act::Publish => match desk.checked.get_untracked() {
                Some((text, _)) => (Some(text), desk.latest.get_untracked()),
                None => return,
            },
            Act::Withdraw => (None, desk.file.with_value(|file| file.latest)),
        };
        let reason = asking.reason.get_untracked();
        let change = NewPolicyChange { text, reason: reason.clone(), latest };
        asking.submission.send_then(policy_files::change(&desk.target_api(), &change), move |answer| match answer {
            Ok(file) => {
                asking.open.set(false);
                let said = match asking.act {
                    Act::Publish => {
                        "La politique est publiée\u{a0}: elle est en vigueur partout dans les cinq secondes."
                    }
                    Act::Withdraw => "Ce qui était publié est retiré.",
                };
                desk.accept(file, said.to_owned());
            }
            Err(error) => {
                if let Some(max_age) = error.max_age() {
                    browser::set_aside(&begun_key(asking.act, desk), &reason);
                    browser::leave_to(&sign_in_again_url(&browser::current_path(), max_age));
                }
            }
        });
    }
}

/// Where the reason is kept while one shows who one is; the text is kept anyway.
fn begun_key(act: Act, desk: Desk) -> String {
    format!("datapass.{}.{}", act.name(), desk.target_api())
}

/// Both dialogs.
pub fn dialogs(publishing: Publishing) -> AnyView {
    let Publishing { desk, publish, withdraw } = publishing;
    let beneath = desk.file.with_value(|file| file.beneath);
    let withdrawn = match beneath {
        Some(PolicySource::Program) => "La politique livrée avec DataPass sera de nouveau en vigueur.",
        Some(_) => "La politique du fichier du serveur sera de nouveau en vigueur.",
        None => "L’API ne sera plus proposée. Ses demandes resteront lisibles.",
    };
    let warned = move || {
        let count = desk.checked.with(|checked| checked.as_ref().map_or(0, |(_, trial)| trial.warnings.len()));
        let told = match count {
            0 => return None,
            1 => "1 avertissement demande encore un regard.".to_owned(),
            count => format!("{count} avertissements demandent encore un regard."),
        };
        Some(view! { <p class="fr-text--bold">{told}</p> })
    };
    view! {
        <FormDialog
            id=publish.act.name()
            title=Signal::stored("Publier cette politique\u{a0}?".to_owned())
            open=publish.open
            submission=publish.submission
            confirm="Publier"
            refused="La politique n’est pas publiée"
            on_confirm=Callback::new(move |()| publishing.send(publish))
        >
            <p>
                "Elle sera en vigueur partout dans les cinq secondes. Les demandes soumises restent sous leur version\u{a0}; un brouillon passe à la nouvelle quand on l’ouvre ou qu’on le soumet."
            </p>
            {warned}
            {reason(publish)}
        </FormDialog>
        <FormDialog
            id=withdraw.act.name()
            title=Signal::stored("Retirer la politique publiée\u{a0}?".to_owned())
            open=withdraw.open
            submission=withdraw.submission
            confirm="Retirer"
            refused="Rien n’est retiré"
            on_confirm=Callback::new(move |()| publishing.send(withdraw))
        >
            <p>{withdrawn} " L’historique garde ce qui était publié."</p>
            {reason(withdraw)}
        </FormDialog>
    }
    .into_any()
}

fn reason(asking: Asking) -> AnyView {
    view! {
        <TextArea
            id=asking.act.reason_id()
            label="Raison"
            hint="Les administrateurs la lisent dans l’historique. Si vous vous êtes connecté il y a plus de dix minutes, votre mot de passe vous sera demandé."
            required=true
            rows=3
            value=asking.reason
            error=asking.submission.error_at("/reason")
            on_input=Callback::new(move |text| asking.reason.set(text))
        />
    }
    .into_any()
}
