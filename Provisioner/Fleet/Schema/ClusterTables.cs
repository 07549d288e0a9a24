using Flotilla.Provisioner.Fleet.Clusters;
using Flotilla.Provisioner.Fleet.Machines;
using Microsoft.EntityFrameworkCore;

namespace Flotilla.Provisioner.Fleet.Schema;

internal static class ClusterTables
{
    public static void Configure(ModelBuilder builder)
    {
        builder.Entity<Machine>(machine =>
        {
            machine.HasIndex(m => m.Name).IsUnique();
            machine.Property(m => m.State).HasConversion<string>().HasMaxLength(20);
        });
        builder.Entity<Cluster>(cluster =>
        {
            cluster.Property(c => c.Id).HasMaxLength(12);
            cluster.Property(c => c.Name).HasMaxLength(40);
            cluster.Property(c => c.Purpose).HasConversion<string>().HasMaxLength(20);
            cluster.Property(c => c.State).HasConversion<string>().HasMaxLength(20);
            cluster.Property(c => c.Conditions).HasColumnType("jsonb").HasConversion(ConditionsJson.Converter, ConditionsJson.Comparer);
            cluster.Property(c => c.RowVersion).HasColumnName("xmin").IsRowVersion();
            cluster.HasIndex(c => new { c.ProjectId, c.Name }).IsUnique().HasFilter("deleted_at IS NULL");
            cluster.HasIndex(c => new { c.MachineId, c.Port }).IsUnique();
            cluster.HasIndex(c => new { c.MachineId, c.NetworkIndex }).IsUnique();
            cluster.HasIndex(c => c.ServerName).IsUnique();
            cluster.HasOne(c => c.Project).WithMany().OnDelete(DeleteBehavior.Cascade);
            cluster.HasOne(c => c.Machine).WithMany().OnDelete(DeleteBehavior.Restrict);
        });
        builder.Entity<ClusterNode>(node =>
        {
            node.Property(n => n.Role).HasConversion<string>().HasMaxLength(20);
            node.Property(n => n.State).HasConversion<string>().HasMaxLength(20);
            node.HasIndex(n => new { n.ClusterId, n.Name }).IsUnique();
            node.HasOne<Machine>().WithMany().HasForeignKey(n => n.MachineId).OnDelete(DeleteBehavior.Restrict);
        });
    }
}
