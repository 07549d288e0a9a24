using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Registry;

internal enum VersionMatch { Unset, Exact, NotOlderThan }

/// <summary>The options of list and watch, checked against upstream's rules.</summary>
internal sealed record ListOptions(
    Selection Selection, string ResourceVersion, VersionMatch Match, int Limit, ContinueToken? Continue,
    bool Bookmarks, bool? SendInitialEvents, TimeSpan? Timeout)
{
    public long Revision => ResourceVersion.Length == 0 ? 0 : long.Parse(ResourceVersion);

    public static ListOptions Read(Scope scope)
    {
        var request = scope.Request;
        var version = request.Query("resourceVersion");
        if (version.Length > 0 && (!long.TryParse(version, out var number) || number < 0))
        {
            throw Refusal.BadRequest($"Invalid value: \"{version}\": strconv.ParseUint: parsing \"{version}\": invalid syntax");
        }

        var options = new ListOptions(
            SelectionOf(scope), version, MatchOf(request.Query("resourceVersionMatch")), (int)Math.Clamp(request.Number("limit") ?? 0, 0, int.MaxValue),
            ContinueToken.Read(request.Query("continue")), request.Flag("allowWatchBookmarks"),
            request.Query("sendInitialEvents").Length == 0 ? null : request.Flag("sendInitialEvents"),
            request.Number("timeoutSeconds") is { } seconds and > 0 ? TimeSpan.FromSeconds(seconds) : null);
        options.Check(isWatch: request.Info.Verb == "watch");
        return options;
    }

    private void Check(bool isWatch)
    {
        if (isWatch) { CheckWatch(); }
        else { CheckList(); }
    }

    private void CheckList()
    {
        if (SendInitialEvents is not null) { throw Invalid("sendInitialEvents", "Forbidden: sendInitialEvents is forbidden for list"); }
        if (Match != VersionMatch.Unset && ResourceVersion.Length == 0)
        {
            throw Invalid("resourceVersionMatch", "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided");
        }

        if (Match == VersionMatch.Exact && ResourceVersion == "0")
        {
            throw Invalid("resourceVersionMatch", "Forbidden: resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
        }

        if (Continue is not null && Match != VersionMatch.Unset)
        {
            throw Invalid("resourceVersionMatch", "Forbidden: resourceVersionMatch is forbidden when continue is provided");
        }

        if (Continue is not null && ResourceVersion is not ("" or "0"))
        {
            throw Refusal.BadRequest("specifying resource version is not allowed when using continue");
        }
    }

    private void CheckWatch()
    {
        if (SendInitialEvents is not null && Match != VersionMatch.NotOlderThan)
        {
            throw Invalid("resourceVersionMatch", "Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
        }

        if (SendInitialEvents is null && Match != VersionMatch.Unset)
        {
            throw Invalid("resourceVersionMatch", "Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
        }
    }

    private static StatusException Invalid(string field, string message) =>
        Refusal.Invalid("meta.k8s.io", "ListOptions", "", [new(message.StartsWith("Forbidden", StringComparison.Ordinal) ? "FieldValueForbidden" : "FieldValueInvalid", message, field)]);

    private static VersionMatch MatchOf(string text) => text switch
    {
        "" => VersionMatch.Unset,
        "Exact" => VersionMatch.Exact,
        "NotOlderThan" => VersionMatch.NotOlderThan,
        _ => throw Invalid("resourceVersionMatch", $"Unsupported value: \"{text}\": supported values: \"Exact\", \"NotOlderThan\""),
    };

    private static Selection SelectionOf(Scope scope)
    {
        var (labels, fields) = (scope.Request.Query("labelSelector"), scope.Request.Query("fieldSelector"));
        // A watch of one object by the older path: its name is in the path.
        if (fields.Length == 0) { fields = scope.Request.Info.FieldSelector; }
        return new(
            scope.Resource.Namespaced ? scope.Request.Info.Namespace : "", "",
            labels.Length == 0 ? null : Selectors.Labels(labels),
            fields.Length == 0 ? null : Selectors.Fields(scope, fields));
    }
}

/// <summary>Where a paged list goes on: at the revision it began, after the last key.</summary>
internal sealed record ContinueToken(long Revision, string Start)
{
    public static ContinueToken? Read(string text)
    {
        if (text.Length == 0) { return null; }
        byte[] decoded;
        try
        {
            decoded = System.Buffers.Text.Base64Url.DecodeFromChars(text);
        }
        catch (FormatException)
        {
            throw Refusal.BadRequest("continue key is not valid: illegal base64 data");
        }

        if (!JsonCodec.TryParse(decoded, out var json, out var broken)) { throw Refusal.BadRequest($"continue key is not valid: {broken}"); }
        if (json is not JsonObject token || token.Text("v") != "meta.k8s.io/v1")
        {
            throw Refusal.BadRequest("continue key is not valid: server does not recognize this encoded version");
        }

        return token.Text("start") is { Length: > 0 } start && token.Number("rv") is >= 0 and var revision && token["rv"]!.GetValueKind() == System.Text.Json.JsonValueKind.Number
            ? new(revision, start)
            : throw Refusal.BadRequest("continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)");
    }

    public override string ToString()
    {
        var json = new JsonObject { ["v"] = "meta.k8s.io/v1", ["rv"] = Revision, ["start"] = Start };
        return System.Buffers.Text.Base64Url.EncodeToString(System.Text.Encoding.UTF8.GetBytes(json.ToJsonString()));
    }
}
