//! The section `technical_team`: who builds the service.

use leptos::prelude::*;
use shared::draft::TechnicalTeamType;
use shared::field::Field;
use shared::policy::Editor;

use super::bound::typed_line;
use crate::components::choice::{Choice, RadioGroup};
use crate::components::field::TextInput;
use crate::form::EnrollmentForm;
use crate::form::binding::field_id;

/// Its fields.
pub fn fields(form: EnrollmentForm) -> AnyView {
    let kind = form.reading(|draft| draft.technical_team_type);
    let choices = TechnicalTeamType::ALL.iter().map(|kind| Choice::new(kind.as_str(), kind.label())).collect();
    let on_change = Callback::new(move |chosen: String| {
        form.choose(&Field::TechnicalTeamType, |draft| {
            draft.technical_team_type = chosen.parse().ok();
            // The name of an editor is not that of another team.
            draft.technical_team_value.clear();
        });
    });
    view! {
        <RadioGroup
            id=field_id(&Field::TechnicalTeamType)
            legend=form.policy().question_of(&Field::TechnicalTeamType)
            required=form.is_required(&Field::TechnicalTeamType)
            choices
            value=Signal::derive(move || kind.get().map(|kind| kind.as_str().to_owned()).unwrap_or_default())
            error=form.error(&Field::TechnicalTeamType)
            on_change
        />
        {move || match kind.get() {
            Some(TechnicalTeamType::SoftwareCompany) => editor(form),
            Some(TechnicalTeamType::Other) => {
                typed_line(form, Field::TechnicalTeamValue, Some("Nom du prestataire (obligatoire)"), "text")
            }
            Some(TechnicalTeamType::InternalTeam) | None => ().into_any(),
        }}
    }
    .into_any()
}

/// One of the known editors, or another's name.
fn editor(form: EnrollmentForm) -> AnyView {
    const LIST: &str = "editeurs";

    let field = Field::TechnicalTeamValue;
    let policy = form.policy();
    let options: Vec<_> =
        policy.editors.iter().map(|editor| view! { <option value=editor.name.clone()></option> }).collect();
    let hint = if policy.editors.is_empty() {
        String::new()
    } else {
        "Choisissez-le dans la liste qui s’affiche quand vous saisissez son nom. S’il n’y est pas, indiquez son nom."
            .to_owned()
    };
    let editors = StoredValue::new(policy.editors.clone());
    let stored = form.text(&field);
    let value = Signal::derive(move || editors.with_value(|editors| shown(editors, &stored.get())));
    let on_input = Callback::new({
        let field = field.clone();
        move |text: String| form.set_text(&field, editors.with_value(|editors| kept(editors, text)))
    });
    view! {
        <TextInput
            id=field_id(&field)
            label="Votre éditeur de logiciels"
            hint
            required=true
            autocomplete="off"
            list=LIST.to_owned()
            value
            error=form.error(&field)
            on_input
            on_blur=form.on_leave(&field)
        />
        <datalist id=LIST>{options}</datalist>
    }
    .into_any()
}

/// What the user reads: the name of a known editor, or the text as it is.
fn shown(editors: &[Editor], value: &str) -> String {
    editors.iter().find(|editor| editor.siret == value).map_or_else(|| value.to_owned(), |editor| editor.name.clone())
}

/// What is kept: the SIRET of an editor whose whole name was typed, or the text as it is.
fn kept(editors: &[Editor], text: String) -> String {
    let name = text.trim().to_lowercase();
    editors.iter().find(|editor| editor.name.to_lowercase() == name).map_or(text, |editor| editor.siret.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_editor_is_kept_by_its_number_and_shown_by_its_name() {
        let editors = [Editor { name: "Arpège".to_owned(), siret: "35142130000036".to_owned() }];
        assert_eq!(kept(&editors, "arpège ".to_owned()), "35142130000036");
        assert_eq!(kept(&editors, "Arp".to_owned()), "Arp");
        assert_eq!(shown(&editors, "35142130000036"), "Arpège");
        assert_eq!(shown(&editors, "Un autre"), "Un autre");
    }
}
