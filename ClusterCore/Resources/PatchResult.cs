using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.Resources;

/// <param name="Object">Null when the patch could not be applied.</param>
/// <param name="StatusCode">400, 413 or 422 with <paramref name="Error"/> when it could not be.</param>
public sealed record PatchResult(JsonObject? Object, int StatusCode = 200, string? Error = null)
{
    public static PatchResult Failed(int statusCode, string error) => new(null, statusCode, error);
}
