//! JSON, parsed and printed by the browser: `serde_json`'s own parser, with its tables for numbers, would weigh as much
//! as several pages of the application.

use js_sys::{Array, JSON, Object, Reflect};
use leptos::wasm_bindgen::{JsCast, JsValue};
use serde_json::{Map, Number, Value};

/// The value that a text holds; `None` where it is no JSON.
pub fn parse(text: &str) -> Option<Value> {
    JSON::parse(text).ok().map(|value| read(&value))
}

/// A value as text.
pub fn print(value: &Value) -> String {
    JSON::stringify(&write(value)).ok().and_then(|text| text.as_string()).unwrap_or_default()
}

/// A value as text of several lines, for people.
pub fn pretty(value: &Value) -> String {
    let text = JSON::stringify_with_replacer_and_space(&write(value), &JsValue::NULL, &JsValue::from_f64(2.0));
    text.ok().and_then(|text| text.as_string()).unwrap_or_default()
}

fn read(value: &JsValue) -> Value {
    if let Some(text) = value.as_string() {
        return Value::String(text);
    }
    if let Some(number) = value.as_f64() {
        return Value::Number(number_of(number));
    }
    if let Some(is_true) = value.as_bool() {
        return Value::Bool(is_true);
    }
    if let Some(list) = value.dyn_ref::<Array>() {
        return Value::Array(list.iter().map(|item| read(&item)).collect());
    }
    if let Some(object) = value.dyn_ref::<Object>() {
        let mut members = Map::new();
        for entry in Object::entries(object).iter() {
            let entry: Array = entry.unchecked_into();
            members.insert(entry.get(0).as_string().unwrap_or_default(), read(&entry.get(1)));
        }
        return Value::Object(members);
    }
    Value::Null
}

/// JavaScript has one kind of numbers; ours are whole wherever they can be.
fn number_of(number: f64) -> Number {
    #[expect(clippy::cast_possible_truncation, reason = "compared with the number it came from")]
    let whole = number as i64;
    #[expect(clippy::cast_precision_loss, reason = "compared with the number it came from")]
    let is_whole = whole as f64 == number;
    if is_whole { Number::from(whole) } else { Number::from_f64(number).unwrap_or_else(|| Number::from(0)) }
}

fn write(value: &Value) -> JsValue {
    match value {
        Value::Null => JsValue::NULL,
        Value::Bool(is_true) => JsValue::from_bool(*is_true),
        Value::Number(number) => number.as_f64().map_or(JsValue::NULL, JsValue::from_f64),
        Value::String(text) => JsValue::from_str(text),
        Value::Array(items) => items.iter().map(write).collect::<Array>().into(),
        Value::Object(members) => {
            let object = Object::new();
            for (name, value) in members {
                // A plain object takes every member.
                let _ = Reflect::set(&object, &JsValue::from_str(name), &write(value));
            }
            object.into()
        }
    }
}
