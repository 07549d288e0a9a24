using System.Text;
using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.Client;

/// <summary>A change to an object, in one of the API's four patch formats.</summary>
public sealed record Patch(string ContentType, ReadOnlyMemory<byte> Body)
{
    /// <summary>Server-side apply only: who owns the fields that are set.</summary>
    public string? FieldManager { get; init; }

    /// <summary>Server-side apply only: take fields over from other managers.</summary>
    public bool Force { get; init; }

    public static Patch Merge(JsonNode body) => new("application/merge-patch+json", Bytes(body));

    public static Patch Strategic(JsonNode body) => new("application/strategic-merge-patch+json", Bytes(body));

    public static Patch Json(JsonArray operations) => new("application/json-patch+json", Bytes(operations));

    public static Patch Apply(JsonNode body, string fieldManager, bool force = true) =>
        new("application/apply-patch+yaml", Bytes(body)) { FieldManager = fieldManager, Force = force };

    private static byte[] Bytes(JsonNode body)
    {
        ArgumentNullException.ThrowIfNull(body);
        return Encoding.UTF8.GetBytes(body.ToJsonString());
    }
}
