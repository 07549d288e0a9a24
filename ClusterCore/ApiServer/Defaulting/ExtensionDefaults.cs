using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Defaulting;

internal static class ExtensionDefaults
{
    public static void CustomResourceDefinition(JsonObject definition)
    {
        var spec = definition.Ensure("spec");
        Names(spec.Ensure("names"));
        var conversion = spec.Ensure("conversion");
        conversion.Default("strategy", "None");
        conversion.Object("webhook")?.Object("clientConfig")?.Object("service")?.Default("port", 443);
        var status = definition.Ensure("status");
        if (status.List("storedVersions") is not { Count: > 0 }
            && spec.Items("versions").FirstOrDefault(static version => version.Flag("storage") == true)?.Text("name") is { } stored)
        {
            status["storedVersions"] = new JsonArray(stored);
        }
    }

    public static void ApiService(JsonObject service) => service.Spec()?.Object("service")?.Default("port", 443);

    private static void Names(JsonObject names)
    {
        var kind = names.Text("kind") ?? "";
        if (kind.Length > 0)
        {
            names.Default("singular", kind.ToLowerInvariant());
            names.Default("listKind", kind + "List");
        }
    }
}
