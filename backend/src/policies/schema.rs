//! The shape of a policy file, against the schema that the API documents: keys, types, names from a list.

use std::sync::LazyLock;

use jsonschema::error::ValidationErrorKind;
use serde_json::{Value, json};
use shared::policy::Policy;
use utoipa::ToSchema as _;
use utoipa::openapi::{ComponentsBuilder, RefOr, Schema};

use super::source::{Diagnostic, Node, did_you_mean};

/// Everything that is wrong with the shape. `value` is that of `node`.
pub fn problems(node: &Node, value: &Value) -> Vec<Diagnostic> {
    SCHEMA.iter_errors(value).flat_map(|error| told(node, &error)).collect()
}

/// The schema of a policy, where no key may be unknown. (A stored revision may have keys that are no longer known.)
static SCHEMA: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let mut schemas: Vec<(String, RefOr<Schema>)> = Vec::new();
    Policy::schemas(&mut schemas);
    let components = ComponentsBuilder::new().schema("Policy", <Policy as utoipa::PartialSchema>::schema());
    let components = components.schemas_from_iter(schemas).build();
    let mut schema = json!({"$ref": "#/components/schemas/Policy", "components": components});
    close(&mut schema);
    #[expect(clippy::expect_used, reason = "a constant of the program; a test reads every policy with it")]
    jsonschema::draft202012::new(&schema).expect("the schema of a policy is one")
});

/// Lets no unknown key in, and no `null`: TOML has none, and « one of nothing or … » would hide what is wrong.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.contains_key("properties") {
                members.insert("additionalProperties".to_owned(), Value::Bool(false));
            }
            if let Some(Value::Array(choices)) = members.get_mut("oneOf") {
                choices.retain(|choice| *choice != json!({"type": "null"}));
                if let [only] = choices.as_mut_slice() {
                    let only = only.take();
                    members.remove("oneOf");
                    members.extend(only.as_object().cloned().unwrap_or_default());
                }
            }
            members.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// One error of the schema, in French.
fn told(node: &Node, error: &jsonschema::ValidationError<'_>) -> Vec<Diagnostic> {
    let path = error.instance_path().to_string();
    let place = node.locate(&path);
    let one = |message: String| vec![place.problem(message)];
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => unexpected
            .iter()
            .map(|key| {
                let known = known_keys(error.schema_path().as_str());
                let hint = did_you_mean(key, known.iter().map(String::as_str));
                node.locate(&format!("{path}/{key}")).problem(format!("clé inconnue «\u{a0}{key}\u{a0}»{hint}"))
            })
            .collect(),
        ValidationErrorKind::Required { property } => {
            one(format!("il manque «\u{a0}{}\u{a0}»", property.as_str().unwrap_or_default()))
        }
        ValidationErrorKind::Type { kind } => {
            one(format!("une valeur d’un autre type est attendue ({})", type_name(kind)))
        }
        ValidationErrorKind::Enum { options } => {
            let options: Vec<&str> = options.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let text = error.instance().as_str().unwrap_or_default();
            let hint = did_you_mean(text, options.iter().copied());
            one(format!("«\u{a0}{text}\u{a0}» est inconnu{hint} (possibles\u{a0}: {})", options.join(", ")))
        }
        _ => one(error.to_string()),
    }
}

fn type_name(kind: &jsonschema::error::TypeKind) -> String {
    let text = match kind {
        jsonschema::error::TypeKind::Single(one) => one.to_string(),
        jsonschema::error::TypeKind::Multiple(several) => {
            several.iter().map(|one| one.to_string()).filter(|one| one != "null").collect::<Vec<_>>().join(" ou ")
        }
    };
    match text.as_str() {
        "string" => "un texte entre guillemets".to_owned(),
        "boolean" => "true ou false".to_owned(),
        "integer" => "un nombre entier".to_owned(),
        "array" => "une liste".to_owned(),
        "object" => "une table".to_owned(),
        _ => text,
    }
}

/// The keys of the table that a path of the schema is about: `/components/schemas/Scope/additionalProperties`.
fn known_keys(schema_path: &str) -> Vec<String> {
    let parts: Vec<&str> = schema_path.split('/').collect();
    let name = parts.iter().rposition(|part| *part == "schemas").and_then(|index| parts.get(index + 1));
    let mut schemas: Vec<(String, RefOr<Schema>)> = Vec::new();
    Policy::schemas(&mut schemas);
    schemas.push(("Policy".to_owned(), <Policy as utoipa::PartialSchema>::schema()));
    let schema = schemas.iter().find(|(other, _)| Some(&other.as_str()) == name).map(|(_, schema)| schema);
    match schema {
        Some(RefOr::T(Schema::Object(object))) => object.properties.keys().cloned().collect(),
        Some(_) | None => Vec::new(),
    }
}
