using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Registry;

/// <summary>Fields that are not for anybody to set: those of features that are alpha or switched off by default, and those whose feature is gone. What an object has had stays.</summary>
internal static class DroppedFields
{
    private static readonly string[] listAttributes = ["bools", "ints", "strings", "versions"];

    /// <param name="old">Null at a birth.</param>
    public static void Drop(ResourceInfo resource, JsonObject? old, JsonObject obj)
    {
        switch (KindRules.Id(resource))
        {
            case "/Node": Drop(old, obj, "configSource"); break;
            case "coordination.k8s.io/Lease": Drop(old, obj, "strategy", "preferredHolder"); break;
            case "/ServiceAccount": NameSecretsOnly(obj); break;
            case "apps/StatefulSet" when old is null || Rolling(old)?.ContainsKey("maxUnavailable") != true: Rolling(obj)?.Remove("maxUnavailable"); break;
            case "resource.k8s.io/ResourceSlice" when old is null || !HasListAttributes(old): DropListAttributes(obj); break;
        }

        DroppedPodFields.Drop(resource, old, obj);
    }

    private static void Drop(JsonObject? old, JsonObject obj, params ReadOnlySpan<string> fields)
    {
        foreach (var field in fields)
        {
            if (old?.Spec()?[field] is null) { obj.Spec()?.Remove(field); }
        }
    }

    private static JsonObject? Rolling(JsonObject set) => set.Spec()?.Object("updateStrategy")?.Object("rollingUpdate");

    private static void NameSecretsOnly(JsonObject account)
    {
        if (account.List("secrets") is not { Count: > 0 } secrets) { return; }
        account["secrets"] = new JsonArray([.. secrets.Select(static secret => secret is JsonObject one && one.Has("name") ? new JsonObject { ["name"] = one.Text("name") } : (JsonNode)new JsonObject())]);
    }

    private static IEnumerable<JsonObject> Attributes(JsonObject slice) => (slice.Spec()?.Items("devices") ?? [])
        .SelectMany(static device => device.Object("attributes") ?? []).Select(static attribute => attribute.Value).OfType<JsonObject>();

    private static bool HasListAttributes(JsonObject slice) => Attributes(slice).Any(static attribute => listAttributes.Any(attribute.ContainsKey));

    private static void DropListAttributes(JsonObject slice)
    {
        foreach (var attribute in Attributes(slice))
        {
            foreach (var list in listAttributes) { attribute.Remove(list); }
        }
    }
}
