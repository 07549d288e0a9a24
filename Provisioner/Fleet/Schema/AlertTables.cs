using Flotilla.Provisioner.Fleet.Alerts;
using Flotilla.Provisioner.Fleet.Clusters;
using Flotilla.Provisioner.Fleet.Projects;
using Microsoft.EntityFrameworkCore;

namespace Flotilla.Provisioner.Fleet.Schema;

internal static class AlertTables
{
    public static void Configure(ModelBuilder builder)
    {
        builder.Entity<AlertChannel>(channel =>
        {
            channel.Property(c => c.Name).HasMaxLength(80);
            channel.Property(c => c.Kind).HasConversion<string>().HasMaxLength(20);
            channel.HasIndex(c => new { c.ProjectId, c.Name }).IsUnique();
            channel.HasOne<Project>().WithMany().HasForeignKey(c => c.ProjectId);
        });
        builder.Entity<Alert>(alert =>
        {
            alert.Property(a => a.Severity).HasConversion<string>().HasMaxLength(20);
            alert.HasIndex(a => new { a.ClusterId, a.Key }).IsUnique();
            alert.HasIndex(a => new { a.ProjectId, a.OccurredAt });
            alert.HasOne<Project>().WithMany().HasForeignKey(a => a.ProjectId);
        });
        builder.Entity<AlertDelivery>(delivery =>
        {
            delivery.Property(d => d.State).HasConversion<string>().HasMaxLength(20);
            delivery.HasIndex(d => new { d.State, d.NextAttemptAt });
            delivery.HasIndex(d => new { d.AlertId, d.ChannelId }).IsUnique();
        });
        builder.Entity<AlertWatch>(watch =>
        {
            watch.HasKey(w => w.ClusterId);
            watch.HasOne<Cluster>().WithOne().HasForeignKey<AlertWatch>(w => w.ClusterId);
        });
    }
}
