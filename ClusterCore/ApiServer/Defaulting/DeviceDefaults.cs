using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Defaulting;

internal static class DeviceDefaults
{
    public static void Claim(JsonObject claim) => Requests(claim.Spec());

    public static void ClaimTemplate(JsonObject template) => Requests(template.Spec()?.Object("spec"));

    private static void Requests(JsonObject? spec)
    {
        foreach (var request in spec?.Object("devices")?.Items("requests") ?? [])
        {
            Request(request.Object("exactly"));
            foreach (var alternative in request.Items("firstAvailable"))
            {
                Request(alternative);
            }
        }
    }

    private static void Request(JsonObject? request)
    {
        request?.Default("allocationMode", "ExactCount");
        if (request?.Text("allocationMode") == "ExactCount")
        {
            request.DefaultZero("count", 1);
        }

        foreach (var toleration in request?.Items("tolerations") ?? [])
        {
            toleration.Default("operator", "Equal");
        }
    }
}
