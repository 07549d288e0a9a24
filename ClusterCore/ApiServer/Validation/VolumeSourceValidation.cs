using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>Where volumes come from, beyond what must be there: the kinds that pods and persistent volumes share.</summary>
internal static partial class VolumeSourceValidation
{
    private const int LongestSession = 64;
    private const string RegistryRule = "must be a host:port pair or multiple pairs separated by commas";

    /// <param name="ofPod">Persistent volumes are looked at with slightly other eyes.</param>
    public static void Check(string kind, JsonObject source, string path, bool ofPod, FieldErrors errors)
    {
        switch (kind)
        {
            case "gcePersistentDisk" or "awsElasticBlockStore" when source.Number("partition") is { } partition and (< 0 or > 255):
                errors.Invalid($"{path}.partition", partition, "must be between 1 and 255, inclusive");
                break;
            case "nfs" when source.Text("path") is not ['/', ..]:
                errors.Invalid($"{path}.path", source.Text("path") ?? "", "must be an absolute path");
                break;
            case "flocker": Flocker(source, path, errors); break;
            case "quobyte": Quobyte(source, path, errors); break;
            case "iscsi": Iscsi(source, path, ofPod, errors); break;
            case "fc": FibreChannel(source, path, errors); break;
            case "azureDisk": AzureDisk(source, path, errors); break;
        }
    }

    /// <summary>The name of a session begins with that of the volume.</summary>
    public static void IscsiSession(JsonObject source, string volume, string path, FieldErrors errors)
    {
        var portal = source.Text("targetPortal") ?? "";
        if (source["initiatorName"] is not null && volume.Length + 1 + portal.Length > LongestSession)
        {
            errors.Invalid($"{path}.targetportal", portal, "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.");
        }
    }

    private static void Flocker(JsonObject source, string path, FieldErrors errors)
    {
        switch (source.Has("datasetName"), source.Has("datasetUUID"))
        {
            case (false, false): errors.Required(path, "one of datasetName and datasetUUID is required"); break;
            case (true, true): errors.Invalid(path, "resource", "datasetName and datasetUUID can not be specified simultaneously"); break;
        }

        if (source.Text("datasetName") is { } name && name.Contains('/')) { errors.Invalid($"{path}.datasetName", name, "must not contain '/'"); }
    }

    private static void Quobyte(JsonObject source, string path, FieldErrors errors)
    {
        if (!source.Has("registry")) { errors.Required($"{path}.registry", RegistryRule); }
        else if (source.Text("tenant")?.Length > 64) { errors.Required($"{path}.tenant", "must be a UUID and may not exceed a length of 64 characters"); }
        else
        {
            var registry = source.Text("registry")!;
            foreach (var _ in registry.Split(',').Where(static pair => !HostAndPort().IsMatch(pair))) { errors.Invalid($"{path}.registry", registry, RegistryRule); }
        }

        Rules.Required(source, "volume", path, errors);
    }

    private static void Iscsi(JsonObject source, string path, bool ofPod, FieldErrors errors)
    {
        if (source.Text("iqn") is { Length: > 0 } iqn && !IscsiName().IsMatch(iqn)) { errors.Invalid($"{path}.iqn", iqn, BadName(iqn, ofPod)); }
        Rules.Between(source, "lun", 0, 255, path, errors);
        if ((source.Flag("chapAuthDiscovery") == true || source.Flag("chapAuthSession") == true) && source.Object("secretRef") is null) { errors.Required($"{path}.secretRef"); }
        if (!ofPod && source.Object("secretRef") is { } secret) { Rules.Required(secret, "name", $"{path}.secretRef", errors); }
        if (source.Text("initiatorName") is { } initiator && !IscsiName().IsMatch(initiator)) { errors.Invalid($"{path}.initiatorname", initiator, BadName(initiator, ofPod)); }
    }

    private static string BadName(string name, bool ofPod) =>
        ofPod && name is not (['i', 'q', 'n', ..] or ['e', 'u', 'i', ..] or ['n', 'a', 'a', ..]) ? "must be valid format starting with iqn, eui, or naa" : "must be valid format";

    private static void FibreChannel(JsonObject source, string path, FieldErrors errors)
    {
        var (hasTargets, hasIds) = (source.List("targetWWNs") is { Count: > 0 }, source.List("wwids") is { Count: > 0 });
        if (!hasTargets && !hasIds) { errors.Required($"{path}.targetWWNs", "must specify either targetWWNs or wwids, but not both"); }
        if (hasTargets && hasIds) { errors.Invalid($"{path}.targetWWNs", source["targetWWNs"], "targetWWNs and wwids can not be specified simultaneously"); }
        if (!hasTargets) { return; }
        if (source["lun"] is null) { errors.Required($"{path}.lun", "lun is required if targetWWNs is specified"); }
        else { Rules.Between(source, "lun", 0, 255, path, errors); }
    }

    private static void AzureDisk(JsonObject source, string path, FieldErrors errors)
    {
        Rules.OneOf(source, "cachingMode", path, errors, "None", "ReadOnly", "ReadWrite");
        Rules.OneOf(source, "kind", path, errors, "Dedicated", "Managed", "Shared");
        var (kind, disk) = (source.Text("kind"), source.Text("diskURI") ?? "");
        if (kind == "Managed" && !disk.StartsWith("/subscriptions/", StringComparison.Ordinal))
        {
            errors.NotSupported($"{path}.diskURI", disk, ["/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"]);
        }

        if (kind is not (null or "Managed") && !disk.StartsWith("https://", StringComparison.Ordinal))
        {
            errors.NotSupported($"{path}.diskURI", disk, ["https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"]);
        }
    }

    [GeneratedRegex(@"^(iqn.*)?iqn\.\d{4}-\d{2}\.[A-Za-z0-9.-]+:[^,;*&$|\s]+$|^eui.[A-Za-z0-9]{16}$|^naa.[A-Za-z0-9]{32}$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex IscsiName();

    [GeneratedRegex(@"^([^:\[\]]*|\[[^\[\]]*\]):[^:\[\]]*$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex HostAndPort();
}
