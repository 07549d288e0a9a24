using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources.Json;

namespace Flotilla.ClusterCore.Resources.Patches;

internal sealed class JsonPatchOperations
{
    private readonly JsonObject document;
    private long copied;

    private JsonPatchOperations(JsonObject original) => document = original.DeepClone().AsObject();

    public static PatchResult Apply(JsonObject original, JsonNode? patch)
    {
        if (patch is not JsonArray operations || operations.Any(static operation => operation is not JsonObject))
        {
            return PatchResult.Failed(400, $"error decoding patch: json: cannot unmarshal {JsonMessages.KindOf(patch)} into Go value of type []handlers.jsonPatchOp");
        }

        if (operations.Count > JsonPatch.MaxOperations)
        {
            return PatchResult.Failed(
                413, $"The allowed maximum operations in a JSON patch is {JsonPatch.MaxOperations}, got {operations.Count}");
        }

        var run = new JsonPatchOperations(original);
        foreach (var operation in operations)
        {
            if (run.Apply((JsonObject)operation!) is { } failed)
            {
                return failed;
            }
        }

        return new(run.document);
    }

    private static string? Text(JsonObject operation, string member) =>
        operation[member] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static PatchResult Refused(string error) => PatchResult.Failed(422, error);

    private PatchResult? Apply(JsonObject operation)
    {
        var kind = Text(operation, "op");
        if (Pointer.Parse(Text(operation, "path")) is not { } path)
        {
            return Refused($"{kind} operation does not apply: path is missing or no JSON pointer");
        }

        return kind switch
        {
            // As upstream's library has it, no value is null, and nothing is put in place of the whole document.
            "add" or "replace" when path.IsRoot => Refused($"{kind} operation does not apply: doc is missing path: \"\": missing value"),
            "add" => Add(path, operation["value"]?.DeepClone(), "add"),
            "remove" => Remove(path, "remove"),
            "replace" => Replace(path, operation["value"]?.DeepClone()),
            "move" => MoveOrCopy(operation, path, isMove: true),
            "copy" => MoveOrCopy(operation, path, isMove: false),
            "test" => Test(path, operation["value"]),
            _ => Refused($"Unexpected kind: {kind ?? "unknown"}"),
        };
    }

    private PatchResult? Add(Pointer path, JsonNode? value, string kind)
    {
        if (IsTooDeep(value, JsonCodec.MaxDepth - path.Steps.Length))
        {
            return Refused($"{kind} operation does not apply: exceeded max depth");
        }

        switch (path.IsRoot ? null : Find(path.Parent))
        {
            case JsonObject obj:
                obj[path.Last] = value;
                return null;
            case JsonArray list when path.Last == "-":
                list.Add(value);
                return null;
            case JsonArray list when Pointer.Index(path.Last, list.Count + 1) is { } index:
                list.Insert(index, value);
                return null;
            case JsonArray:
                return Refused($"{kind} operation does not apply: doc is missing path: \"{path}\": Unable to access invalid index: {path.Last}");
            default:
                return Refused($"{kind} operation does not apply: doc is missing path: \"{path}\": missing value");
        }
    }

    private PatchResult? Remove(Pointer path, string kind)
    {
        switch (path.IsRoot ? null : Find(path.Parent))
        {
            case JsonObject obj when obj.Remove(path.Last):
                return null;
            case JsonArray list when Pointer.Index(path.Last, list.Count) is { } index:
                list.RemoveAt(index);
                return null;
            case JsonArray:
                return Refused($"{kind} operation does not apply: doc is missing path: \"{path}\": Unable to access invalid index: {path.Last}");
            case JsonObject:
                return Refused($"{kind} operation does not apply: Unable to remove nonexistent key: {path.Last}: missing value");
            default:
                return Refused($"{kind} operation does not apply: doc is missing path: \"{path}\": missing value");
        }
    }

    private PatchResult? Replace(Pointer path, JsonNode? value)
    {
        if (IsTooDeep(value, JsonCodec.MaxDepth - path.Steps.Length))
        {
            return Refused("replace operation does not apply: exceeded max depth");
        }

        switch (Find(path.Parent))
        {
            case JsonObject obj:
                obj[path.Last] = value;
                return null;
            case JsonArray list when Pointer.Index(path.Last, list.Count) is { } index:
                list[index] = value;
                return null;
            case null:
                return Refused($"replace operation does not apply: doc is missing path: {path}: missing value");
            default:
                return Refused($"replace operation does not apply: doc is missing key: {path}: missing value");
        }
    }

    private PatchResult? MoveOrCopy(JsonObject operation, Pointer path, bool isMove)
    {
        var kind = isMove ? "move" : "copy";
        if (Pointer.Parse(Text(operation, "from")) is not { } from)
        {
            return Refused($"{kind} operation does not apply: from is missing or no JSON pointer");
        }

        // A member that is not there can be copied, as null; anything else must be there.
        if (!TryFind(from, out var source) && (isMove || from.IsRoot || Find(from.Parent) is not JsonObject))
        {
            return Refused($"{kind} operation does not apply: doc is missing from path: {from}: missing value");
        }

        if (isMove && path.IsBelow(from))
        {
            return Refused("move operation does not apply: a value cannot move into itself");
        }

        if (isMove)
        {
            // Taken out, not copied: ten thousand moves of a large part cost no more than of a small one.
            return Remove(from, kind) ?? Add(path, source, kind);
        }

        var value = source?.DeepClone();

        copied += value is null ? 4 : Encoding.UTF8.GetByteCount(value.ToJsonString(JsonCodec.NodeOptions));
        return copied > JsonPatch.MaxCopiedBytes
            ? PatchResult.Failed(
                422, $"Unable to complete the copy, the accumulated size increase of copy is {copied}, exceeding the limit {JsonPatch.MaxCopiedBytes}")
            : Add(path, value, kind);
    }

    private PatchResult? Test(Pointer path, JsonNode? expected)
    {
        // A test for null also holds where there is nothing, as upstream's library has it.
        var found = TryFind(path, out var actual);
        return (found || expected is null) && JsonNode.DeepEquals(actual, expected) ? null : Refused($"testing value {path} failed: test failed");
    }

    private static bool IsTooDeep(JsonNode? node, int levels) => node switch
    {
        JsonObject or JsonArray when levels <= 0 => true,
        JsonObject obj => obj.Any(member => IsTooDeep(member.Value, levels - 1)),
        JsonArray list => list.Any(item => IsTooDeep(item, levels - 1)),
        _ => false,
    };

    private JsonNode? Find(Pointer path) => TryFind(path, out var node) ? node : null;

    private bool TryFind(Pointer path, out JsonNode? node)
    {
        node = document;
        foreach (var step in path.Steps)
        {
            switch (node)
            {
                case JsonObject obj when obj.TryGetPropertyValue(step, out var member):
                    node = member;
                    break;
                case JsonArray list when Pointer.Index(step, list.Count) is { } index:
                    node = list[index];
                    break;
                default:
                    node = null;
                    return false;
            }
        }

        return true;
    }
}

/// <summary>RFC 6901: /spec/containers/0, with ~1 for a slash and ~0 for a tilde.</summary>
internal sealed record Pointer(string Text, string[] Steps)
{
    public bool IsRoot => Steps.Length == 0;

    public string Last => Steps[^1];

    public Pointer Parent => new(Text, Steps[..^1]);

    public static Pointer? Parse(string? text) => text switch
    {
        null => null,
        "" => new(text, []),
        ['/', ..] => new(text, [.. text[1..].Split('/').Select(static step =>
            step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))]),
        _ => null,
    };

    /// <summary>A place among so many, counted from the end where it is negative.</summary>
    public static int? Index(string step, int count)
    {
        if (!int.TryParse(step, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index)) { return null; }
        var place = index < 0 ? index + count : index;
        return place >= 0 && place < count ? place : null;
    }

    public bool IsBelow(Pointer other) => Steps.Length > other.Steps.Length && Steps.AsSpan().StartsWith(other.Steps);

    public override string ToString() => Text;
}
