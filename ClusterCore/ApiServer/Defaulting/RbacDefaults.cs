using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Defaulting;

internal static class RbacDefaults
{
    private const string Group = "rbac.authorization.k8s.io";

    public static void Binding(JsonObject binding)
    {
        binding.Object("roleRef")?.Default("apiGroup", Group);
        foreach (var subject in binding.Items("subjects").Where(static subject => subject.Text("kind") is "User" or "Group"))
        {
            subject.Default("apiGroup", Group);
        }
    }
}
