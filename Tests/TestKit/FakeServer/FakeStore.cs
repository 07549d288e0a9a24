using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client.Json;

namespace Flotilla.TestKit.FakeServer;

internal sealed class FakeStore(TimeProvider clock)
{
    private readonly Lock gate = new();
    private readonly SortedDictionary<string, (FakePath Path, JsonObject Value)> objects = new(StringComparer.Ordinal);
    private readonly List<(long Version, FakePath Path, string Type, string Object)> history = [];
    private readonly List<FakeWatch> watches = [];
    private long version = 1;
    private long compacted;

    public JsonObject? Find(FakePath path)
    {
        lock (gate)
        {
            return objects.TryGetValue(path.Key, out var found) ? Copy(found.Value) : null;
        }
    }

    public List<JsonObject> List(FakePath path, string? labelSelector)
    {
        lock (gate)
        {
            return [.. objects.Values
                .Where(entry => path.Holds(entry.Path) && Selected(entry.Value, labelSelector))
                .Select(entry => Copy(entry.Value))];
        }
    }

    public JsonObject ListObject(FakePath path)
    {
        lock (gate)
        {
            return new()
            {
                ["kind"] = "List",
                ["apiVersion"] = "v1",
                ["metadata"] = new JsonObject { ["resourceVersion"] = Text(version) },
                ["items"] = new JsonArray([.. List(path, path.Query["labelSelector"])]),
            };
        }
    }

    public (int Code, JsonObject Body) Create(FakePath path, JsonObject value)
    {
        lock (gate)
        {
            if (path.Subresource is not null)
            {
                return (201, FakeStatus.Of(201, "", ""));
            }
            var metadata = Metadata(value);
            var name = (string?)metadata["name"];
            if (string.IsNullOrEmpty(name))
            {
                name = (string?)metadata["generateName"] + Guid.NewGuid().ToString("N")[..5];
            }
            metadata["name"] = name;
            if (path.Namespace is not null)
            {
                metadata["namespace"] = path.Namespace;
            }
            path = path with { Name = name };
            if (objects.ContainsKey(path.Key))
            {
                return (409, FakeStatus.Of(409, "AlreadyExists", $"{path.Plural} \"{name}\" already exists"));
            }
            metadata["uid"] ??= Guid.NewGuid().ToString();
            metadata["generation"] ??= 1L;
            metadata["creationTimestamp"] ??= TimeConverter.ToText(clock.GetUtcNow());
            return (201, Store(path, value, "ADDED"));
        }
    }

    public void Replace(FakePath path, JsonObject value)
    {
        lock (gate)
        {
            Metadata(value)["uid"] ??= Guid.NewGuid().ToString();
            Store(path, value, objects.ContainsKey(path.Key) ? "MODIFIED" : "ADDED");
        }
    }

    public (int Code, JsonObject Body) Update(FakePath path, JsonObject value)
    {
        lock (gate)
        {
            if (!objects.TryGetValue(path.Key, out var found))
            {
                return (404, FakeStatus.Of(404, "NotFound", $"{path.Plural} \"{path.Name}\" not found"));
            }
            var wanted = (string?)Metadata(value)["resourceVersion"];
            if (wanted is not null && wanted != (string?)Metadata(found.Value)["resourceVersion"])
            {
                return (409, FakeStatus.Of(409, "Conflict", "the object has been modified"));
            }
            return (200, StoreOrRemove(path, value, found.Value));
        }
    }

    public (int Code, JsonObject Body) Patch(FakePath path, string mediaType, JsonNode patch)
    {
        lock (gate)
        {
            if (!objects.TryGetValue(path.Key, out var found))
            {
                return mediaType.Contains("apply", StringComparison.Ordinal)
                    ? Create(path with { Name = null }, (JsonObject)patch)
                    : (404, FakeStatus.Of(404, "NotFound", $"{path.Plural} \"{path.Name}\" not found"));
            }
            var wanted = (string?)(patch as JsonObject)?["metadata"]?["resourceVersion"];
            if (wanted is not null && wanted != (string?)Metadata(found.Value)["resourceVersion"])
            {
                return (409, FakeStatus.Of(409, "Conflict", "the object has been modified"));
            }
            var value = Copy(found.Value);
            if (patch is JsonArray operations)
            {
                if (!FakePatch.Apply(value, operations))
                {
                    return (422, FakeStatus.Of(422, "Invalid", "the patch does not apply"));
                }
            }
            else
            {
                FakePatch.Merge(value, (JsonObject)patch);
            }
            return (200, StoreOrRemove(path, value, found.Value));
        }
    }

    public (int Code, JsonObject Body) Delete(FakePath path, JsonObject? options)
    {
        lock (gate)
        {
            if (path.Name is null)
            {
                foreach (var entry in objects.Values.Where(entry => path.Holds(entry.Path)).ToArray())
                {
                    Delete(entry.Path, options);
                }
                return (200, FakeStatus.Of(200, "", ""));
            }
            if (!objects.TryGetValue(path.Key, out var found))
            {
                return (404, FakeStatus.Of(404, "NotFound", $"{path.Plural} \"{path.Name}\" not found"));
            }
            var uid = (string?)options?["preconditions"]?["uid"];
            if (uid is not null && uid != (string?)Metadata(found.Value)["uid"])
            {
                return (409, FakeStatus.Of(409, "Conflict", "the UID in the precondition does not match"));
            }
            if (Metadata(found.Value)["finalizers"] is JsonArray { Count: > 0 })
            {
                var value = Copy(found.Value);
                Metadata(value)["deletionTimestamp"] ??= TimeConverter.ToText(clock.GetUtcNow());
                return (200, Store(path, value, "MODIFIED"));
            }
            return (200, Remove(path, found.Value));
        }
    }

    public HttpResponseMessage Watch(FakePath path)
    {
        lock (gate)
        {
            var from = long.TryParse(path.Query["resourceVersion"], CultureInfo.InvariantCulture, out var wanted) ? wanted : 0;
            var watch = new FakeWatch(path);
            if (from < compacted)
            {
                watch.Send("ERROR", FakeStatus.Of(410, "Expired", "too old resource version").ToJsonString());
                watch.End();
            }
            else
            {
                foreach (var (at, where, type, value) in history.Where(entry => entry.Version > from && path.Holds(entry.Path)))
                {
                    watch.Send(type, value);
                }
                watches.Add(watch);
            }
            return new HttpResponseMessage(HttpStatusCode.OK) { Content = watch.Content };
        }
    }

    public void Compact()
    {
        lock (gate)
        {
            compacted = ++version;
            history.Clear();
        }
        DropWatches();
    }

    public void DropWatches()
    {
        lock (gate)
        {
            watches.ForEach(watch => watch.End());
            watches.Clear();
        }
    }

    private JsonObject StoreOrRemove(FakePath path, JsonObject value, JsonObject old)
    {
        if (Metadata(value)["deletionTimestamp"] is not null && Metadata(value)["finalizers"] is not JsonArray { Count: > 0 }
            && path.Plural != "namespaces")
        {
            return Remove(path, value);
        }
        if (path.Subresource is null && !JsonNode.DeepEquals(old["spec"], value["spec"]))
        {
            Metadata(value)["generation"] = ((long?)Metadata(old)["generation"] ?? 0) + 1;
        }
        return JsonNode.DeepEquals(old, value) ? Copy(old) : Store(path, value, "MODIFIED");
    }

    private JsonObject Store(FakePath path, JsonObject value, string type)
    {
        path = path with { Subresource = null };
        Metadata(value)["resourceVersion"] = Text(++version);
        objects[path.Key] = (path, value);
        Tell(path, type, value);
        return Copy(value);
    }

    private JsonObject Remove(FakePath path, JsonObject value)
    {
        path = path with { Subresource = null };
        objects.Remove(path.Key);
        value = Copy(value);
        Metadata(value)["resourceVersion"] = Text(++version);
        Tell(path, "DELETED", value);
        return value;
    }

    private void Tell(FakePath path, string type, JsonObject value)
    {
        var text = value.ToJsonString();
        history.Add((version, path, type, text));
        foreach (var watch in watches.Where(watch => watch.Path.Holds(path)))
        {
            watch.Send(type, text);
        }
    }

    private static bool Selected(JsonObject value, string? selector) =>
        selector is null || selector.Split(',').All(term =>
            term.Split('=', StringSplitOptions.RemoveEmptyEntries) is [var key, var wanted]
            && (string?)value["metadata"]?["labels"]?[key] == wanted);

    private static JsonObject Metadata(JsonObject value) => (JsonObject)(value["metadata"] ??= new JsonObject());

    private static JsonObject Copy(JsonObject value) => (JsonObject)value.DeepClone();

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
