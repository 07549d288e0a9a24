using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Flotilla.Differential;

/// <param name="Pattern">The same for differences that have one cause.</param>
internal sealed partial record Difference(string Kind, Change Change, string Text, string Pattern)
{
    private const int Patience = 1000;
    private static readonly JsonSerializerOptions legible = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Null where both said the same but for what each server makes up.</summary>
    public static Difference? Between(string kind, Change change, Answer theirs, Answer ours)
    {
        // What the peer itself calls its own fault is nothing to follow.
        if (theirs.Code == 500) { return null; }
        var text = theirs.Code != ours.Code ? $"{theirs.Code} {Said(theirs)} <> {ours.Code} {Said(ours)}"
            : !theirs.Warnings.SequenceEqual(ours.Warnings) ? $"warnings {string.Join(' ', theirs.Warnings.Except(ours.Warnings))} <> {string.Join(' ', ours.Warnings.Except(theirs.Warnings))}"
            : FirstDifference(Normal(kind, theirs.Body), Normal(kind, ours.Body), "");
        return text is null ? null : new(kind, change, text.Length > 700 ? text[..700] : text, Indexes().Replace(Numbers().Replace(Quoted().Replace(text, "Q"), "N"), "[]"));
    }

    private static string Said(Answer answer) => (string?)(answer.Body as JsonObject)?["message"] ?? "";

    private static JsonNode? Normal(string kind, JsonNode? body)
    {
        if (body?["details"]?["causes"] is JsonArray causes)
        {
            // Kubernetes says some things of an update two or three times; the message has them once.
            body["details"]!["causes"] = new JsonArray([.. causes.DistinctBy(static cause => cause!.ToJsonString()).Select(static cause => cause!.DeepClone())]);
        }

        if (body?["metadata"] is not JsonObject metadata) { return body; }
        foreach (var made in (string[])["uid", "creationTimestamp", "resourceVersion"]) { metadata.Remove(made); }
        foreach (var entry in metadata["managedFields"]?.AsArray() ?? [])
        {
            entry!.AsObject().Remove("time");
            entry.AsObject().Remove("manager");
        }

        var text = Volumes().Replace(body.ToJsonString(), "kube-api-access-");
        text = Credentials().Replace(Times().Replace(Uids().Replace(text, "UID"), "TIME"), "CREDENTIAL");
        if (kind == "Service") { text = NodePorts().Replace(Addresses().Replace(text, "ADDRESS"), "0"); }
        return JsonNode.Parse(text);
    }

    private static string? FirstDifference(JsonNode? theirs, JsonNode? ours, string path)
    {
        switch (theirs, ours)
        {
            case (JsonObject one, JsonObject other):
                // Causes say more than the message that is made of them.
                var names = one.Select(static member => member.Key).Union(other.Select(static member => member.Key)).OrderBy(static name => name == "message");
                return names.Select(name => one.ContainsKey(name) == other.ContainsKey(name)
                    ? FirstDifference(one[name], other[name], $"{path}.{name}")
                    : $"{path}.{name}: {Shown(one, name)} <> {Shown(other, name)}").FirstOrDefault(static found => found is not null);
            case (JsonArray one, JsonArray other) when one.Count == other.Count:
                return one.Select((item, index) => FirstDifference(item, other[index], $"{path}[{index}]")).FirstOrDefault(static found => found is not null);
            default:
                return JsonNode.DeepEquals(theirs, ours) ? null : $"{path}: {Shown(theirs)} <> {Shown(ours)}";
        }
    }

    private static string Shown(JsonObject obj, string name) => obj.ContainsKey(name) ? Shown(obj[name]) : "absent";

    private static string Shown(JsonNode? node) => node?.ToJsonString(legible) ?? "null";

    [GeneratedRegex("kube-api-access-[a-z0-9]{5}", RegexOptions.ExplicitCapture, Patience)]
    private static partial Regex Volumes();

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", RegexOptions.ExplicitCapture, Patience)]
    private static partial Regex Uids();

    [GeneratedRegex("2\\d{3}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ", RegexOptions.ExplicitCapture, Patience)]
    private static partial Regex Times();

    [GeneratedRegex("X509SHA256=[0-9a-f]{64}", RegexOptions.ExplicitCapture, Patience)]
    private static partial Regex Credentials();

    [GeneratedRegex("10\\.96\\.\\d+\\.\\d+", RegexOptions.ExplicitCapture, Patience)]
    private static partial Regex Addresses();

    [GeneratedRegex("(?<=\"(nodePort|healthCheckNodePort)\":)\\d+", RegexOptions.ExplicitCapture, Patience)]
    private static partial Regex NodePorts();

    [GeneratedRegex("\"(\\\\.|[^\"\\\\])*\"|'[^']*'", RegexOptions.ExplicitCapture, Patience)]
    private static partial Regex Quoted();

    [GeneratedRegex("\\[\\d+\\]", RegexOptions.ExplicitCapture, Patience)]
    private static partial Regex Indexes();

    [GeneratedRegex("\\d+", RegexOptions.ExplicitCapture, Patience)]
    private static partial Regex Numbers();
}
