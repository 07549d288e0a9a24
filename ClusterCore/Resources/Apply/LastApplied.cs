using System.Text;
using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.Resources.Apply;

/// <summary>
/// kubectl's note, in an annotation, of what it applied on the client's side. Whoever goes over to server-side apply with kubectl
/// keeps what he applied before, and can go back.
/// </summary>
internal static class LastApplied
{
    private const string Annotation = "kubectl.kubernetes.io/last-applied-configuration";

    /// <summary>The manager that kubectl is on the server's side unless it is told another.</summary>
    private const string Kubectl = "kubectl";

    /// <summary>What the manager may take over without a conflict: what kubectl applied and nobody has changed since.</summary>
    public static FieldTree Fields(JsonObject? live, ISchema schema, FieldManager manager)
    {
        if (manager.Name != Kubectl || live?.Metadata()?.Object("annotations")?.Text(Annotation) is not { } note) { return new(); }
        if (!JsonCodec.TryParse(Encoding.UTF8.GetBytes(note), out var node, out _) || node is not JsonObject applied) { return new(); }
        if (applied.Text("apiVersion") != manager.ApiVersion) { return new(); }
        var changes = TreeComparison.Compare(applied, live, schema);
        return FieldTree.Difference(OwnedFields.Of(applied, schema), FieldTree.Union(changes.Written, changes.Removed));
    }

    /// <summary>Where there is a note it tells of this configuration from now on.</summary>
    public static void Update(JsonObject result, JsonObject configuration, FieldManager manager)
    {
        if (manager.Name != Kubectl || result.Metadata()?.Object("annotations") is not { } annotations || !annotations.ContainsKey(Annotation)) { return; }
        var noted = (JsonObject)configuration.DeepClone();
        noted.Metadata()?.Object("annotations")?.Remove(Annotation);
        annotations[Annotation] = InGoForm(noted);
    }

    /// <summary>As Go encodes maps, and kubectl its notes: names in order, what HTML knows escaped, a newline at the end.</summary>
    private static string InGoForm(JsonObject obj) => new StringBuilder(Encoding.UTF8.GetString(JsonCodec.Encode(Ordered(obj)!)))
        .Replace("<", "\\u003c").Replace(">", "\\u003e").Replace("&", "\\u0026").Append('\n').ToString();

    private static JsonNode? Ordered(JsonNode? node) => node switch
    {
        JsonObject obj => new JsonObject(obj.OrderBy(static member => member.Key, StringComparer.Ordinal).Select(static member => KeyValuePair.Create(member.Key, Ordered(member.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Ordered)]),
        _ => node?.DeepClone(),
    };
}
