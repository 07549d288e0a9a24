using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>APIs of other servers.</summary>
internal static class ExtensionValidation
{
    public static void ApiService(JsonObject service, FieldErrors errors)
    {
        var spec = service.Spec() ?? [];
        var (group, version) = (spec.Text("group") ?? "", spec.Text("version") ?? "");
        if (service.Name() != $"{version}.{group}")
        {
            errors.Invalid("metadata.name", service.Name(), $"must be `spec.version+\".\"+spec.group`: \"{version}.{group}\"");
        }

        Rules.Required(spec, "version", "spec", errors, ObjectNames.Dns1035Label);
        Rules.Between(spec, "groupPriorityMinimum", 1, 20_000, "spec", errors);
        Rules.Between(spec, "versionPriority", 1, 1_000, "spec", errors);
        if (spec.Object("service") is { } reference)
        {
            Rules.Required(reference, "namespace", "spec.service", errors);
            Rules.Required(reference, "name", "spec.service", errors);
            if (spec.Flag("insecureSkipTLSVerify") == true && spec.Has("caBundle"))
            {
                errors.Invalid("spec.insecureSkipTLSVerify", true, "may not be true if caBundle is present");
            }

            // Its group would be listed and never answered for: clients that walk all groups would fail.
            errors.Forbidden("spec.service", "this server does not aggregate other API servers");
        }
    }
}
