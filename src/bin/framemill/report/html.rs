//! Builds pieces of HTML. Everything from outside is escaped here.

use serde_json::Value;

/// Escapes text for use in an element and in a quoted attribute.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

/// Makes the data block for the page's script. No text in it can end the element, because `<` is escaped.
pub(super) fn data_block(data: &Value) -> String {
    format!("<script type=\"application/json\" id=\"data\">{}</script>", data.to_string().replace('<', "\\u003c"))
}

/// Returns the value of a key, or of nested keys, such as `quality.mean_psnr`.
pub(super) fn found<'a>(object: &'a Value, key: &str) -> &'a Value {
    key.split('.').fold(object, |object, part| &object[part])
}

/// Formats the number under `key` with `text`; the element also has the number itself. `None` if there is no number.
pub(super) fn figure(object: &Value, key: &str, text: impl Fn(f64) -> String) -> Option<String> {
    let value = found(object, key);
    let shown = text(value.as_f64()?);
    Some(format!("<span data-key=\"{key}\" data-value=\"{value}\">{shown}</span>"))
}

/// Makes a section with a heading; empty if it has no content.
pub(super) fn section(heading: &str, content: &str) -> String {
    if content.is_empty() {
        return String::new();
    }
    format!("<section>\n<h2>{heading}</h2>\n{content}</section>\n")
}

/// Returns the name of the movie for the page.
pub(super) fn output_name(movie: &Value) -> String {
    match movie["output"].as_str() {
        None | Some("-") => "standard output".to_owned(),
        Some(name) => name.rsplit(['/', '\\']).next().unwrap_or(name).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn external_text_is_escaped() {
        assert_eq!(escaped("<a href=\"x\" id='y'>&"), "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;");
        let block = data_block(&json!({"name": "</script><!--"}));
        assert!(block.ends_with("{\"name\":\"\\u003c/script>\\u003c!--\"}</script>"), "{block}");
        assert_eq!(output_name(&json!({"output": "/tmp/a<b.mp4"})), "a<b.mp4");
    }

    #[test]
    fn figures_keep_the_number_itself() {
        let run = json!({"vbv": {"lowest_fullness": 0.41}, "quality": null});
        let text = figure(&run, "vbv.lowest_fullness", |value| format!("{:.0} %", value * 100.0));
        assert_eq!(text.as_deref(), Some("<span data-key=\"vbv.lowest_fullness\" data-value=\"0.41\">41 %</span>"));
        assert_eq!(figure(&run, "quality.mean_psnr", |value| value.to_string()), None);
    }
}
