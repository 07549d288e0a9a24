using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources.Patches;

namespace Flotilla.ClusterCore.Resources;

/// <summary>RFC 6902, with limits so that a small patch cannot make a large object.</summary>
public static class JsonPatch
{
    public const int MaxOperations = 10_000;

    /// <summary>Bytes that copies may add in all, as upstream: the size limit of a request.</summary>
    public const int MaxCopiedBytes = 3 * 1024 * 1024;

    public static PatchResult Apply(JsonObject original, JsonNode? patch) => JsonPatchOperations.Apply(original, patch);
}
