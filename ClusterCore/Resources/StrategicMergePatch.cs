using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources.Patches;

namespace Flotilla.ClusterCore.Resources;

/// <summary>
/// Kubernetes' own merge patch: lists merge by the keys the types declare, and <c>$patch</c>, <c>$setElementOrder/…</c>,
/// <c>$deleteFromPrimitiveList/…</c> and <c>$retainKeys</c> steer it. Only built-in types have the keys (415 for custom resources).
/// </summary>
public static class StrategicMergePatch
{
    public static PatchResult Apply(JsonObject original, JsonNode? patch, ISchema schema) => StrategicMerge.Apply(original, patch, schema);
}
