using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>
/// Events of core and of <c>events.k8s.io</c>: the same objects under two sets of names. What comes through the newer group has to say
/// more, and changes only its series. Errors name the fields as the older group does, as upstream does for both.
/// </summary>
internal static class EventValidation
{
    private const int LongestText = 128;
    private const int LongestNote = 1024;

    private static readonly (string Newer, string Path)[] Fixed =
    [
        ("regarding", "involvedObject"), ("reason", "reason"), ("note", "message"), ("deprecatedSource", "source"),
        ("deprecatedFirstTimestamp", "firstTimestamp"), ("deprecatedLastTimestamp", "lastTimestamp"), ("deprecatedCount", "count"), ("type", "type"),
        ("eventTime", "eventTime"), ("action", "action"), ("related", "related"), ("reportingController", "reportingController"),
        ("reportingInstance", "reportingInstance"),
    ];

    public static void Older(JsonObject @event, FieldErrors errors) => Both(@event, "involvedObject", "message", "reportingComponent", errors);

    public static void Newer(JsonObject @event, FieldErrors errors)
    {
        Both(@event, "regarding", "note", "reportingController", errors);
        Series(@event, errors);
        if (@event["eventTime"] is null)
        {
            errors.Required("eventTime");
        }

        if (@event.Text("type") is not ("Normal" or "Warning"))
        {
            errors.Invalid("type", "", $"has invalid value: {@event.Text("type")}");
        }

        foreach (var (field, path) in (ReadOnlySpan<(string, string)>)
            [("deprecatedFirstTimestamp", "firstTimestamp"), ("deprecatedLastTimestamp", "lastTimestamp"), ("deprecatedCount", "count"), ("deprecatedSource", "source")])
        {
            if (@event[field] is JsonValue value ? value.ToString() != "0" : @event[field] is JsonObject { Count: > 0 })
            {
                errors.Invalid(path, "", "needs to be unset");
            }
        }
    }

    public static void NewerUpdate(JsonObject @event, JsonObject old, FieldErrors errors)
    {
        Both(@event, "regarding", "note", "reportingController", errors);
        if (!JsonNode.DeepEquals(@event["series"], old["series"]))
        {
            Series(@event, errors);
        }

        foreach (var (field, path) in Fixed)
        {
            if (!JsonNode.DeepEquals(@event[field], old[field]))
            {
                errors.Invalid(path, @event[field], Rules.Immutable);
            }
        }
    }

    private static void Both(JsonObject @event, string regarding, string note, string controller, FieldErrors errors)
    {
        var about = @event.Object(regarding)?.Text("namespace") ?? "";
        var expected = about.Length == 0 ? "default" : about;
        if (@event.Namespace() is { Length: > 0 } actual && actual != expected && !(about.Length == 0 && actual == "kube-system"))
        {
            errors.Invalid("involvedObject.namespace", about, "does not match event.namespace");
        }

        // Only who reports the time to the microsecond reports in the newer way.
        if (@event["eventTime"] is null)
        {
            return;
        }

        Rules.Required(@event, controller, "", errors, ObjectNames.QualifiedName);
        foreach (var field in (ReadOnlySpan<string>)["reportingInstance", "action", "reason"])
        {
            Rules.Required(@event, field, "", errors, static text => text.Length > LongestText ? $"can have at most {LongestText} characters" : null);
        }

        if (@event.Text(note) is { Length: > LongestNote })
        {
            errors.Invalid("message", "", $"can have at most {LongestNote} characters");
        }
    }

    private static void Series(JsonObject @event, FieldErrors errors)
    {
        if (@event.Object("series") is not { } series)
        {
            return;
        }

        if ((series.Number("count") ?? 0) < 2)
        {
            errors.Invalid("series.count", "", "should be at least 2");
        }

        if (series["lastObservedTime"] is null)
        {
            errors.Required("series.lastObservedTime");
        }
    }
}
