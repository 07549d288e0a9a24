using System.Globalization;
using System.Text.Json;
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
    /// <summary>A month, in seconds: what a timer can wait for has an end.</summary>
    private const long LongestWatch = 30 * 24 * 3600;
    private const string MatchField = "resourceVersionMatch";
    private const string Exact = "Exact";
    private const string NotOlderThan = "NotOlderThan";

    private static StatusCause WithContinue => Forbidden(MatchField, "resourceVersionMatch is forbidden when continue is provided");

    public long Revision => ResourceVersion.Length == 0 ? 0 : RevisionOf(ResourceVersion);

    public static long RevisionOf(string resourceVersion)
    {
        if (long.TryParse(resourceVersion, NumberStyles.None, CultureInfo.InvariantCulture, out var revision)) { return revision; }
        var wrong = resourceVersion.All(char.IsAsciiDigit) ? "value out of range" : "invalid syntax";
        throw Refusal.BadRequest(
            $"invalid resource version: resourceVersion: Invalid value: \"{resourceVersion}\": strconv.ParseUint: parsing \"{resourceVersion}\": {wrong}");
    }

    public static ListOptions Read(Scope scope)
    {
        var request = scope.Request;
        var isWatch = request.Info.Verb == "watch";
        var (version, match, token) = (request.Query("resourceVersion"), request.Query("resourceVersionMatch"), request.Query("continue"));
        bool? sendInitialEvents = request.Query("sendInitialEvents").Length == 0 ? null : request.Flag("sendInitialEvents");
        if (isWatch && version is ("" or "0") && (sendInitialEvents, match) is (null, ""))
        {
            // What a watch without a version always was: first what there is.
            (sendInitialEvents, match) = (true, NotOlderThan);
        }

        StatusCause[] errors = [.. isWatch ? OfWatch(match, token, sendInitialEvents) : OfList(version, match, token, sendInitialEvents)];
        if (errors.Length > 0) { throw Refusal.Invalid("meta.k8s.io", "ListOptions", "", errors); }
        var options = new ListOptions(
            SelectionOf(scope), version, MatchOf(match), (int)Math.Clamp(request.Number("limit") ?? 0, 0, int.MaxValue),
            isWatch ? null : ContinueToken.Read(token), request.Flag("allowWatchBookmarks"), sendInitialEvents,
            request.Number("timeoutSeconds") is { } seconds and > 0 ? TimeSpan.FromSeconds(Math.Min(seconds, LongestWatch)) : null);
        options.CheckVersion();
        return options;
    }

    private void CheckVersion()
    {
        if (Continue is not null && ResourceVersion is not ("" or "0"))
        {
            throw Refusal.BadRequest("specifying resource version is not allowed when using continue");
        }

        if (ResourceVersion.Length > 0) { RevisionOf(ResourceVersion); }
    }

    private static IEnumerable<StatusCause> OfList(string version, string match, string token, bool? sendInitialEvents)
    {
        if (match.Length > 0)
        {
            if (version.Length == 0) { yield return Forbidden(MatchField, "resourceVersionMatch is forbidden unless resourceVersion is provided"); }
            if (token.Length > 0) { yield return WithContinue; }
            if (match is not (Exact or NotOlderThan)) { yield return Unsupported(match, Exact, NotOlderThan, ""); }
            if (match == Exact && version == "0") { yield return Forbidden(MatchField, "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""); }
        }

        if (sendInitialEvents is not null) { yield return Forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"); }
    }

    private static IEnumerable<StatusCause> OfWatch(string match, string token, bool? sendInitialEvents)
    {
        if (sendInitialEvents is not null && match != NotOlderThan)
        {
            yield return Forbidden(MatchField, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
        }

        if (match.Length == 0) { yield break; }
        if (sendInitialEvents is null) { yield return Forbidden(MatchField, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"); }
        if (match != NotOlderThan) { yield return Unsupported(match, NotOlderThan); }
        if (token.Length > 0) { yield return WithContinue; }
    }

    private static StatusCause Forbidden(string field, string message) => new("FieldValueForbidden", $"Forbidden: {message}", field);

    private static StatusCause Unsupported(string match, params string[] supported) =>
        new("FieldValueNotSupported", $"Unsupported value: \"{match}\": supported values: {string.Join(", ", supported.Select(static one => $"\"{one}\""))}", MatchField);

    private static VersionMatch MatchOf(string match) => match switch
    {
        Exact => VersionMatch.Exact,
        NotOlderThan => VersionMatch.NotOlderThan,
        _ => VersionMatch.Unset,
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
            throw NotValid(": illegal base64 data");
        }

        if (!JsonCodec.TryParse(decoded, out var json, out var broken)) { throw NotValid($": {broken}"); }
        if (json is not JsonObject token || token.Text("v") != "meta.k8s.io/v1") { throw NotValid(": server does not recognize this encoded version"); }
        if (token["rv"]?.GetValueKind() != JsonValueKind.Number || token.Number("rv") is not { } revision || revision <= 0)
        {
            throw NotValid(": incorrect encoded start resourceVersion (version meta.k8s.io/v1)");
        }

        var start = token.Text("start") ?? "";
        if (start.Length == 0) { throw NotValid(": encoded start key empty (version meta.k8s.io/v1)"); }
        // A key that is a path upwards: no list has made it.
        if (start.Split('/').Any(static part => part is "" or "." or "..")) { throw NotValid($": {start}"); }
        return new(revision, start);
    }

    private static StatusException NotValid(string why) => Refusal.BadRequest($"invalid continue token: continue key is not valid{why}");

    public override string ToString()
    {
        var json = new JsonObject { ["v"] = "meta.k8s.io/v1", ["rv"] = Revision, ["start"] = Start };
        return System.Buffers.Text.Base64Url.EncodeToString(System.Text.Encoding.UTF8.GetBytes(json.ToJsonString()));
    }
}
